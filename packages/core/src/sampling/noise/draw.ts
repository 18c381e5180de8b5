// From a noise request to the draws of a run: first the start noise, then one call per draw, for the whole batch.
// Batch rule, variation seed and the seed offset of step noise are applied here and nowhere else.
import { FewstepError } from "../../errors.js";
import type { Draw } from "../samplers/step.js";
import { createBrownianTree } from "./brownian-tree.js";
import { type LatentSize, type NoiseRequest, type NoiseSource, noiseSources } from "./noise-source.js";
import { slerp } from "./slerp.js";

export interface DrawOptions {
  readonly images: number;
  readonly size: LatentSize;
  /** The run's smallest positive and largest sigma: needed for Brownian noise only. */
  readonly sigmas?: { readonly min: number; readonly max: number };
}

/** The draws of a run, in the order they are asked for. */
export interface RunDraw extends Draw<Float32Array> {
  /**
   * Noise that an autoencoder's distribution is sampled with: the stream's next values, before the start noise or after it. One for each
   * picture; a shared stream draws once for all, as diffusers encodes one picture and repeats it.
   */
  readonly picture: () => Float32Array;
}

/**
 * A draw function for `sample`. The first call gives the start noise.
 * @throws FewstepError `bad-noise-request` when seeds are missing or are no whole numbers
 */
export function createDraw(request: NoiseRequest, { images, size, sigmas }: DrawOptions): RunDraw {
  const source = noiseSources[request.source ?? "torch-cpu"];
  const seeds = request.seeds.map(parseSeed);
  const count = size.channels * size.height * size.width;
  const shared = request.batch === "one-generator";
  const wanted = shared ? 1 : images;
  if (seeds.length < wanted) throw badRequest("seeds are missing", String(seeds.length), `${wanted}`);
  const perStream = shared ? count * images : count;
  let streams = seeds.slice(0, wanted).map((seed) => source.open(seed));
  const drawn = (each: number) => joined(streams.map((stream) => stream.normal(each)));
  const next = () => drawn(perStream);
  const stepSource = noiseSources[request.stepSource ?? source.name];
  const trees = () => brownianDraw(seeds.slice(0, wanted), perStream, sigmas, stepSource);
  const steps = request.steps === "brownian-tree" ? trees() : next;
  let started = false;
  const draw: Draw<Float32Array> = (span) => {
    if (started) return steps(span);
    started = true;
    const noise = turned(next(), request, source, size, images);
    if (request.stepSource !== undefined || request.stepSeedOffset !== undefined) {
      const offset = parseSeed(request.stepSeedOffset ?? "0");
      streams = seeds.slice(0, wanted).map((seed) => stepSource.open(seed + offset));
    }
    return noise;
  };
  return Object.assign(draw, { picture: () => drawn(count) });
}

/** What one picture of a request draws its noise from; all pictures of one generator belong together. */
export function pictureNoise(request: NoiseRequest, picture: number): NoiseRequest {
  const { batch, seeds, subseeds } = request;
  if (batch === "one-generator") return request;
  const [seed, subseed] = [seeds[picture], subseeds?.[picture]];
  if (seed === undefined) throw badRequest("seeds are missing", String(seeds.length), `${picture + 1}`);
  return { ...request, seeds: [seed], ...(subseed === undefined ? {} : { subseeds: [subseed] }) };
}

function brownianDraw(
  seeds: readonly bigint[],
  count: number,
  sigmas: DrawOptions["sigmas"],
  source: NoiseSource,
): Draw<Float32Array> {
  if (sigmas === undefined) throw badRequest("Brownian noise needs the run's sigmas", "none", "smallest and largest");
  const grow = () =>
    seeds.map((seed) => createBrownianTree({ seed, count, sigmaMin: sigmas.min, sigmaMax: sigmas.max, source }));
  let trees: ReturnType<typeof grow> | undefined;
  // grown when a step asks: a run of one step has no second sigma, and no need of one
  return ({ from, to }) => {
    trees ??= grow();
    return joined(trees.map((tree) => tree(from, to) as Float32Array));
  };
}

/** The variation seed: each picture's start noise turned towards another seed's. */
function turned(noise: Float32Array, request: NoiseRequest, source: NoiseSource, size: LatentSize, images: number) {
  const { subseeds, subseedStrength = 0 } = request;
  if (subseeds === undefined || subseedStrength === 0) return noise;
  const count = noise.length / images;
  return joined(
    Array.from({ length: images }, (_, i) => {
      const towards = source.open(parseSeed(subseeds[i] ?? "0")).normal(count);
      return slerp(noise.subarray(i * count, (i + 1) * count), towards, subseedStrength, size);
    }),
  );
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function parseSeed(text: string): bigint {
  if (!/^-?\d{1,20}$/.test(text)) throw badRequest("a seed is no whole number", JSON.stringify(text), "decimal digits");
  return BigInt(text);
}

function badRequest(message: string, found: string, expected: string): FewstepError {
  return new FewstepError({ code: "bad-noise-request", message, found, expected });
}
