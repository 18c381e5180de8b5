// The objectives of three distillations as graphs, straight from the README of the goldens: student = base + adapter, teacher = base.
// Levels of noise and boundary scalings are constants; everything that a network reads is an input, so that no runtime folds it away.
import { type Graph, GraphBuilder, type UnetConfig, unet, type Value } from "@fewstep/core";
import { FROZEN, type LoraOptions, withLora } from "@fewstep/train";

export interface Rows {
  readonly config: UnetConfig;
  readonly lora: LoraOptions;
  /** Of the latents. */
  readonly shape: readonly [number, number, number, number];
  readonly tokens: number;
  readonly timesteps: readonly number[];
  readonly alphaBar: Float64Array;
  readonly w: Float32Array;
}

export const LORA = "lora:";

/** Timestep -> the input that holds its features, one timestep a picture. */
export const featuresInput = (timesteps: readonly number[]): string => `time_features:${timesteps.join("_")}`;

type Role = "teacher" | "student" | "frozen";
const PREFIXES: Readonly<Record<Role, string>> = { teacher: "", student: LORA, frozen: FROZEN + LORA };

/** A graph under construction with the networks and formulas that the objectives share; x is [N, 4, h, w] everywhere. */
class Distillation {
  readonly b = new GraphBuilder("distillation");
  readonly noisy: Value;
  private readonly inputs = new Map<string, Value>();
  private calls = 0;

  constructor(readonly rows: Rows) {
    const [latents, eps] = [this.input("latents", rows.shape), this.input("eps", rows.shape)];
    this.noisy = this.mix(latents, eps, rows.timesteps);
  }

  input(id: string, shape: readonly number[]): Value {
    const value = this.inputs.get(id) ?? this.b.input(id, shape);
    this.inputs.set(id, value);
    return value;
  }

  column(values: readonly number[]): Value {
    return this.b.constant([values.length, 1, 1, 1], Float32Array.from(values));
  }

  add(x: Value, y: Value): Value {
    return this.b.op("Add", [x, y]);
  }

  sub(x: Value, y: Value): Value {
    return this.b.op("Sub", [x, y]);
  }

  times(x: Value, values: readonly number[]): Value {
    return this.b.op("Mul", [x, this.column(values)]);
  }

  /** sqrt(ab) x0 + sqrt(1 - ab) e. */
  mix(x0: Value, e: Value, timesteps: readonly number[]): Value {
    const { alphaBar } = this.rows;
    const signal = this.times(
      x0,
      timesteps.map((t) => Math.sqrt(alphaBar[t]!)),
    );
    return this.add(
      signal,
      this.times(
        e,
        timesteps.map((t) => Math.sqrt(1 - alphaBar[t]!)),
      ),
    );
  }

  /** (x - sqrt(1 - ab) e) / sqrt(ab). */
  origin(x: Value, e: Value, timesteps: readonly number[]): Value {
    const { alphaBar } = this.rows;
    const noise = this.times(
      e,
      timesteps.map((t) => Math.sqrt(1 - alphaBar[t]!)),
    );
    return this.times(
      this.sub(x, noise),
      timesteps.map((t) => 1 / Math.sqrt(alphaBar[t]!)),
    );
  }

  network(role: Role, x: Value, timesteps: readonly number[], context: "context" | "uncond"): Value {
    const { config, lora, shape, tokens } = this.rows;
    const [batch, , height, width] = shape;
    const plain = unet(config, { batch, height, width, tokens });
    const graph = role === "teacher" ? plain : withLora(plain, lora);
    const feeds = new Map<string, Value>([
      ["sample", x],
      ["context", this.input(context, [batch, tokens, config.contextWidth])],
      ["time_features", this.input(featuresInput(timesteps), [batch, config.down[0]!.channels])],
    ]);
    if (config.additionWidth !== undefined)
      feeds.set("addition", this.input("addition", [batch, config.additionWidth]));
    for (const { id, shape: weightShape } of graph.weights)
      if (/\.lora_(up|down)\.weight$/.test(id)) feeds.set(id, this.b.weight(PREFIXES[role] + id, weightShape));
    return this.b.include(graph, feeds, `${role}${this.calls++}:`).get("noise")!;
  }

  /** One DDIM step of the teacher under guidance, e = c + w (c - u). */
  teacherStep(x: Value, from: readonly number[], to: readonly number[]): Value {
    const c = this.network("teacher", x, from, "context");
    const u = this.network("teacher", x, from, "uncond");
    const guided = this.add(c, this.times(this.sub(c, u), [...this.rows.w]));
    return this.mix(this.origin(x, guided, from), guided, to);
  }

  /** One DDIM step of the student. */
  studentStep(role: "student" | "frozen", x: Value, from: readonly number[], to: readonly number[]): Value {
    const e = this.network(role, x, from, "context");
    return this.mix(this.origin(x, e, from), e, to);
  }

  mean(x: Value): Value {
    return this.b.op("ReduceMean", [x], { axes: [0, 1, 2, 3], keepDims: false });
  }

  meanSquared(x: Value, y: Value): Value {
    const d = this.sub(x, y);
    return this.mean(this.b.op("Mul", [d, d]));
  }

  finish(outputs: Readonly<Record<"loss" | "previous" | "model" | "target", Value>>): Graph {
    return this.b.finish(Object.entries({ noisy: this.noisy, ...outputs }).map(([name, value]) => ({ name, value })));
  }
}

const GRID = 20;
const SEGMENT = 250;

/** x carried to where the consistency boundary puts it: c_skip x + c_out x0. */
function consistency(d: Distillation, role: "student" | "frozen", x: Value, timesteps: readonly number[]): Value {
  const x0 = d.origin(x, d.network(role, x, timesteps, "context"), timesteps);
  const norms = timesteps.map((t) => (10 * t) ** 2 + 0.25);
  const skipped = d.times(
    x,
    norms.map((norm) => 0.25 / norm),
  );
  return d.add(
    skipped,
    d.times(
      x0,
      norms.map((norm, i) => (10 * timesteps[i]!) / Math.sqrt(norm)),
    ),
  );
}

function lcm(rows: Rows): Graph {
  const d = new Distillation(rows);
  // the first grid point steps to the first alpha-bar, and so does the network's timestep: both are index 0
  const before = rows.timesteps.map((t) => Math.max(t - GRID, 0));
  const previous = d.teacherStep(d.noisy, rows.timesteps, before);
  const target = consistency(d, "frozen", previous, before);
  const model = consistency(d, "student", d.noisy, rows.timesteps);
  const error = d.sub(model, target);
  const root = d.b.op("Sqrt", [d.b.op("Affine", [d.b.op("Mul", [error, error])], { scale: 1, shift: 1e-6 })]);
  const loss = d.mean(d.b.op("Affine", [root], { scale: 1, shift: -1e-3 }));
  return d.finish({ loss, previous, model, target });
}

function progressive(rows: Rows): Graph {
  const d = new Distillation(rows);
  const [half, whole] = [125, 250].map((step) => rows.timesteps.map((t) => t - step)) as [number[], number[]];
  const target = d.teacherStep(d.teacherStep(d.noisy, rows.timesteps, half), half, whole);
  const model = d.studentStep("student", d.noisy, rows.timesteps, whole);
  return d.finish({ loss: d.meanSquared(model, target), previous: target, model, target });
}

function segmented(rows: Rows): Graph {
  const d = new Distillation(rows);
  const before = rows.timesteps.map((t) => t - GRID);
  const end = rows.timesteps.map((t) => Math.max(Math.floor(t / SEGMENT) * SEGMENT - 1, 0));
  const previous = d.teacherStep(d.noisy, rows.timesteps, before);
  const target = d.studentStep("frozen", previous, before, end);
  const model = d.studentStep("student", d.noisy, rows.timesteps, end);
  return d.finish({ loss: d.meanSquared(model, target), previous, model, target });
}

export const distillations: ReadonlyMap<string, (rows: Rows) => Graph> = new Map([
  ["lcm", lcm],
  ["progressive", progressive],
  ["segmented", segmented],
]);
