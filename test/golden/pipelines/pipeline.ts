// pipelines/: whole runs of diffusers' pipelines, step by step: what the network answered after guidance, the latents after each step
// in the scheduler's own units, the last latents and the picture.
import {
  type ActiveAdapter,
  type Checkpoint,
  createDraw,
  createTorchCpuStream,
  elementCount,
  fitAdapter,
  type GenerateRequest,
  guided,
  openCheckpoint,
  openSafetensors,
  optionsOfDiffusersScheduler,
  Pipeline,
  parseAdapter,
  type Runtime,
  type Session,
  withUnet,
} from "@fewstep/core";
import {
  checkTensor,
  difference,
  type GoldenBench,
  type GoldenCase,
  type GoldenCheck,
  type GoldenEntry,
  type GoldenTensors,
} from "../golden-case.js";

/** What a pipeline call is given, in diffusers' words. */
interface Parameters {
  readonly prompt: string;
  readonly prompt_2?: string;
  readonly negative_prompt?: string;
  readonly negative_prompt_2?: string;
  readonly guidance_scale: number;
  readonly num_inference_steps?: number;
  readonly timesteps?: readonly number[];
  readonly strength?: number;
  readonly eta?: number;
  readonly clip_skip?: number;
  readonly num_images_per_prompt?: number;
  readonly seed: number;
  readonly size: readonly [height: number, width: number];
  readonly original_size?: readonly [number, number];
  readonly crops_coords_top_left?: readonly [number, number];
  readonly target_size?: readonly [number, number];
  readonly adapters?: readonly (readonly [name: string, strength: number])[];
  readonly scheduler: Readonly<Record<string, unknown>> & { readonly class: string };
}

export function pipelineCase(file: string, entry: GoldenEntry, bench: GoldenBench): GoldenCase {
  return { id: file, run: async () => runPipeline(entry, await bench.tensors(file), bench) };
}

async function checkpointOf(models: readonly string[], bench: GoldenBench): Promise<Checkpoint> {
  const whole = await openCheckpoint(await bench.model(models.at(-1)!));
  return models.length === 1 ? whole : withUnet(whole, await bench.model(models[0]!));
}

async function adaptersOf(
  { adapters = [] }: Parameters,
  checkpoint: Checkpoint,
  bench: GoldenBench,
): Promise<readonly ActiveAdapter[]> {
  const active: ActiveAdapter[] = [];
  for (const [name, strength] of adapters) {
    const adapter = await parseAdapter(name, await openSafetensors(await bench.model(name)));
    const fit = fitAdapter(adapter, { ...checkpoint, ignored: [], unclaimed: [] });
    active.push({ id: name, fit, strengthUnet: strength, strengthText: strength });
  }
  return active;
}

/** In the goldens a key that is absent is off, never the class's default. */
const ABSENT = {
  clip_sample: false,
  set_alpha_to_one: false,
  thresholding: false,
  rescale_betas_zero_snr: false,
  lower_order_final: false,
  steps_offset: 0,
};

/**
 * Whether the reference's schedulers were given the call's generator and eta. They were not where a recorder hid the signature of
 * `step` from diffusers: noise.1 is then no continuation of the seed's noise, and TCD ran with its own eta of 0.3.
 */
function stepArguments({ seed }: Parameters, golden: GoldenTensors): boolean {
  const second = golden.get("noise.1");
  if (second === undefined) return true;
  const stream = createTorchCpuStream(BigInt(seed));
  stream.normal(elementCount(second.shape));
  return difference(stream.normal(elementCount(second.shape)), second.data as Float32Array) < 1e-5;
}

function requestOf(given: Parameters, golden: GoldenTensors): GenerateRequest {
  const { class: scheduler, ...config } = given.scheduler;
  const options = optionsOfDiffusersScheduler(scheduler, { ...ABSENT, ...config });
  const eta =
    given.eta === undefined || !stepArguments(given, golden)
      ? {}
      : scheduler === "TCDScheduler"
        ? { gamma: given.eta }
        : { eta: given.eta };
  const [height, width] = given.size;
  const images = given.num_images_per_prompt ?? 1;
  const sizes = [
    given.original_size ?? given.size,
    given.crops_coords_top_left ?? [0, 0],
    given.target_size ?? given.size,
  ].flat();
  return {
    prompt: given.prompt,
    ...(given.prompt_2 === undefined ? {} : { prompt2: given.prompt_2 }),
    ...(given.negative_prompt === undefined ? {} : { negative: given.negative_prompt }),
    ...(given.negative_prompt_2 === undefined ? {} : { negative2: given.negative_prompt_2 }),
    height,
    width,
    seeds: Array.from({ length: images }, () => given.seed),
    guidance: Math.max(1, given.guidance_scale),
    noise: { batch: "one-generator" },
    clipSkip: (given.clip_skip ?? 0) + 1,
    sizes: sizes as unknown as NonNullable<GenerateRequest["sizes"]>,
    ...picturesOf(given, golden),
    sampling: {
      ...options,
      settings: { ...options.settings, ...eta },
      ...(given.timesteps === undefined ? { steps: given.num_inference_steps! } : { timesteps: given.timesteps }),
    },
  };
}

/** The picture and mask to start from; the reference was given both in [0, 1]. */
function picturesOf(given: Parameters, golden: GoldenTensors): Pick<GenerateRequest, "init" | "mask"> {
  const picture = golden.get("input.image");
  if (picture === undefined) return {};
  const [, channels, height, width] = picture.shape as [number, number, number, number];
  const data = (picture.data as Float32Array).map((value) => value * 2 - 1);
  const mask = golden.get("input.mask")?.data as Float32Array | undefined;
  return {
    init: { picture: { width, height, channels, data }, strength: given.strength!, fit: "exact" },
    ...(mask && { mask: { mask: { width, height, data: mask } } }),
  };
}

/** What a step begins with has no bound of its own: it is held to that of the step it comes from, or begins. */
function checkInputs(
  made: ReadonlyMap<string, Float32Array>,
  golden: GoldenTensors,
  entry: GoldenEntry,
): GoldenCheck[] {
  return [...made]
    .filter(([name]) => name.endsWith(".input"))
    .map(([name, values]) => {
      const step = Number(name.split(".")[1]);
      const bound = entry.outputs[`step.${Math.max(0, step - 1)}.latents`]!.bound;
      return { name, difference: difference(values, golden.get(name)!.data as Float32Array), bound };
    });
}

/** A runtime that keeps what UNets answer. */
function recording(runtime: Runtime, answers: Float32Array[]): Runtime {
  return {
    device: runtime.device,
    dispose: () => runtime.dispose(),
    async load(graph, weights, options) {
      const session = await runtime.load(graph, weights, options);
      const run: Session["run"] = async (feeds, stop) => {
        const outputs = await session.run(feeds, stop);
        if (outputs.noise !== undefined) answers.push(outputs.noise.data as Float32Array);
        return outputs;
      };
      return Object.create(session, { run: { value: run } }) as Session;
    },
  };
}

/**
 * The draws that the reference made, those of the VAE's samples among them, in the order made. Only the first comes from the seed: its
 * schedulers drew from another generator.
 */
function storedNoise(golden: GoldenTensors): { readonly create: typeof createDraw; readonly unused: () => number } {
  let drawn = 0;
  const next = () => golden.get(`noise.${drawn++}`)!.data as Float32Array;
  const stored = [...golden.keys()].filter((name) => name.startsWith("noise.")).length;
  return { create: () => Object.assign(next, { picture: next }), unused: () => stored - drawn };
}

/** The start noise is torch's for the seed. */
function checkSeed({ seed }: Parameters, golden: GoldenTensors): GoldenCheck {
  const stored = golden.get("noise.0")!;
  const [images, channels, height, width] = stored.shape as [number, number, number, number];
  const draw = createDraw(
    { seeds: [String(seed)], batch: "one-generator" },
    { images, size: { channels, height, width } },
  );
  const noise = draw({ from: Number.POSITIVE_INFINITY, to: 0 });
  return { name: "noise.0 from the seed", difference: difference(noise, stored.data as Float32Array), bound: 2e-6 };
}

async function runPipeline(
  entry: GoldenEntry,
  golden: GoldenTensors,
  bench: GoldenBench,
): Promise<readonly GoldenCheck[]> {
  const given = entry.parameters as unknown as Parameters;
  const checkpoint = await checkpointOf(entry.model as readonly string[], bench);
  const adapters = await adaptersOf(given, checkpoint, bench);
  const answers: Float32Array[] = [];
  const noise = storedNoise(golden);
  const pipeline = new Pipeline({
    checkpoint,
    adapters,
    runtime: recording(bench.runtime, answers),
    noise: noise.create,
  });
  const images = given.num_images_per_prompt ?? 1;
  const made = new Map<string, Float32Array>();
  const pictures: Float32Array[] = [];
  try {
    for await (const event of pipeline.generate(requestOf(given, golden))) {
      if (event.kind === "step") {
        const roles = answers.length / images;
        const outputs = Array.from({ length: roles }, (_, role) =>
          joined(answers.slice(role * images, (role + 1) * images)),
        );
        made.set(`step.${event.index}.output`, guided(outputs, { scale: event.row.guidance, rescale: 0 }));
        made.set(`step.${event.index}.latents`, event.stepped ?? event.latents);
        const following = `step.${event.index + 1}.input`;
        if (golden.has(following)) made.set(following, event.latents);
        made.set("latents", event.latents);
        answers.length = 0;
      }
      if (event.kind === "picture")
        pictures.push(event.result.planes.data.map((v) => Math.min(1, Math.max(0, v / 2 + 0.5))));
    }
  } finally {
    await pipeline.dispose();
  }
  made.set("image", joined(pictures));
  const outputs = Object.keys(entry.outputs).map((name) => checkTensor(name, made.get(name) ?? [], golden, entry));
  const unused = { name: "unused draws", difference: Math.abs(noise.unused()), bound: 0.5 };
  return [...outputs, ...checkInputs(made, golden, entry), unused, checkSeed(given, golden)];
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
