// The recipes' own objectives on a golden's batch: what LCM, Lightning's squared stage and Hyper's squared part train by. Their rows of noise
// levels are made from the golden's timesteps, their text states are the golden's.
import type { Graph, GraphBuilder, Tensor, UnetConfig, Value } from "@fewstep/core";
import {
  columnFeed,
  type DistilledNetworks,
  distilledNetworks,
  HYPER_COLUMNS,
  hyperObjective,
  LCM_COLUMNS,
  type LoraOptions,
  lcmObjective,
  lcmRow,
  lightningColumns,
  lightningObjective,
  lightningRow,
  type ObjectiveOptions,
  randomStream,
  segmentRow,
  timeFeed,
} from "@fewstep/train";
import type { GoldenTensors } from "../golden-case.js";

export interface Batch {
  readonly config: UnetConfig;
  readonly lora: LoraOptions;
  readonly golden: GoldenTensors;
  readonly timesteps: readonly number[];
  readonly alphaBar: Float64Array;
  /** SDXL's pooled text and sizes, [N, width]. */
  readonly addition: Tensor | undefined;
}

export interface Objective {
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** What a recipe needs of the batch beside its latents, noise and text: rows and timesteps by input. */
type Rows = Readonly<Record<string, Tensor>>;
type Build = (options: ObjectiveOptions, networks: DistilledNetworks) => Graph;

const GRID = 50;
const SEGMENT = 250;
const LIGHTNING = { steps: 4, teacherSteps: 2, loss: { kind: "squared", guidance: 0 } } as const;

const lcm = (batch: Batch): readonly [Build, Rows] => {
  const { alphaBar, timesteps } = batch;
  const rows = timesteps.map((t, i) =>
    lcmRow(alphaBar, GRID, ((t + 1) * GRID) / alphaBar.length - 1, guidance(batch, i)),
  );
  const columns = columnFeed(
    LCM_COLUMNS,
    rows.map(({ row }) => row),
  );
  const previous = rows.map((row) => row.previous);
  return [lcmObjective, { columns, ...features(batch, { time_features: timesteps, previous_features: previous }) }];
};

const progressive = (batch: Batch): readonly [Build, Rows] => {
  const { alphaBar, timesteps } = batch;
  const random = randomStream(0, "unused", 0);
  const points = timesteps.map((t) => lightningRow({ alphaBar, ...LIGHTNING }, t, random));
  // Lightning starts from pure noise at the last timestep; the reference noises the picture there as anywhere
  const rows = points.map(({ row }, i) => ({ ...row, aInput: row.a0!, sInput: row.s0!, w: guidance(batch, i) }));
  const times = (step: number) => points.map((point) => point.times[step]!);
  return [
    (options, networks) => lightningObjective({ ...options, ...LIGHTNING }, networks),
    {
      columns: columnFeed(lightningColumns(LIGHTNING.teacherSteps), rows),
      ...features(batch, { time_features0: times(0), time_features1: times(1) }),
    },
  ];
};

const segmented = (batch: Batch): readonly [Build, Rows] => {
  const { alphaBar, timesteps } = batch;
  const before = (t: number) => t - alphaBar.length / GRID;
  const rows = timesteps.map((t, i) => {
    const end = Math.max(Math.floor(t / SEGMENT) * SEGMENT - 1, 0);
    return segmentRow(alphaBar, { t, previous: before(t), end, star: end }, guidance(batch, i));
  });
  return [
    (options, networks) => hyperObjective({ ...options, guidance: [1, 1] }, networks),
    {
      columns: columnFeed(HYPER_COLUMNS, rows),
      weights: { dtype: "f32", shape: [2], data: Float32Array.of(1, 0) },
      ...features(batch, { time_features: timesteps, previous_features: timesteps.map(before) }),
    },
  ];
};

const KINDS: Readonly<Record<string, (batch: Batch) => readonly [Build, Rows]>> = { lcm, progressive, segmented };

/** @param kind as the goldens call it: lcm, progressive or segmented */
export function recipeObjective(kind: string, batch: Batch): Objective {
  const { config, lora, golden, addition } = batch;
  const [count, ...shape] = golden.get("latents")!.shape as readonly [number, number, number, number];
  const [build, rows] = KINDS[kind]!(batch);
  const options: ObjectiveOptions = {
    base: { unet: config, prediction: "epsilon" },
    batch: count,
    shape,
    conditioning: {
      build: (b) => ({ context: inputOf(b, golden, "context"), empty: inputOf(b, golden, "uncond") }),
      feed: () => ({}),
    },
  };
  const graph = build(
    options,
    distilledNetworks(config, (id) => id, lora, addition && besideOf(addition)),
  );
  const own = { latents: golden.get("latents")!, noise: golden.get("eps")!, addition: addition! };
  const feeds = { ...own, context: golden.get("context")!, uncond: golden.get("uncond")!, ...rows };
  const read = new Set(graph.inputs.map(({ id }) => id));
  return { graph, feeds: Object.fromEntries(Object.entries(feeds).filter(([id]) => read.has(id))) };
}

const guidance = ({ golden }: Batch, picture: number): number => (golden.get("w")!.data as Float32Array)[picture]!;

const features = ({ config }: Batch, times: Readonly<Record<string, readonly number[]>>): Rows =>
  Object.fromEntries(Object.entries(times).map(([id, at]) => [id, timeFeed(at, config.down[0]!.channels)]));

const inputOf = (b: GraphBuilder, golden: GoldenTensors, id: string): Value => b.input(id, golden.get(id)!.shape);

/** SDXL's input, declared once and repeated where a call takes the batch twice. */
function besideOf({ shape }: Tensor) {
  let input: Value | undefined;
  return (b: GraphBuilder, count: number): Readonly<Record<string, Value>> => {
    input ??= b.input("addition", shape);
    const copies = Array.from({ length: count / shape[0]! }, () => input!);
    return { addition: copies.length === 1 ? input : b.op("Concat", copies, { axis: 0 }) };
  };
}
