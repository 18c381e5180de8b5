import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Predict } from "./denoiser.js";
import { optionsOfDiffusersScheduler } from "./diffusers-config.js";
import { noisedTo } from "./img2img.js";
import { planSampling } from "./plan.js";
import { sample, startLatents } from "./sample.js";
import { samplerNames } from "./sampler-definitions.js";
import type { SamplingOptions } from "./sampling-options.js";
import type { SamplingPlan } from "./sampling-plan.js";
import type { Values } from "./values.js";

const noise = (k: number) => Float64Array.from({ length: 8 }, (_, i) => Math.SQRT2 * Math.sin(2.3 * i + 1.9 * k + 0.7));

function counter() {
  let k = 0;
  return () => noise(k++);
}

/** A network that knows the picture: its epsilon is exactly the noise in the input. */
const picture = Float64Array.from({ length: 8 }, (_, i) => Math.cos(i));
const oracle: Predict<Float64Array> = async ({ input, sigma }) => [
  input.map((value, i) => (value * Math.sqrt(1 + sigma * sigma) - picture[i]!) / sigma),
];

async function run<V extends Values>(plan: SamplingPlan, predict: Predict<V>, draw: () => V): Promise<V> {
  let latents: V | undefined;
  for await (const step of sample(plan, predict, { draw })) latents = step.latents;
  return latents!;
}

test("with a network that knows the picture every sampler ends at the picture", async () => {
  for (const sampler of samplerNames.filter((name) => !["deis", "pndm", "tcd"].includes(name))) {
    const result = await run(planSampling({ sampler, steps: 8 }), oracle, counter());
    result.forEach((value, i) => {
      expect(value).toBeCloseTo(picture[i]!, 6);
    });
  }
});

test("samplers that stop at the smallest sigma leave that much noise", async () => {
  for (const sampler of ["deis", "pndm", "tcd"] as const) {
    const plan = planSampling({ sampler, steps: 8 });
    const last = plan.rows[plan.rows.length - 1]!;
    expect(last.sigmaNext).toBeCloseTo(0.0291671582, 9);
    const result = await run(plan, oracle, counter());
    result.forEach((value, i) => {
      expect(Math.abs(value - picture[i]!)).toBeLessThan(0.1);
    });
  }
});

/** Wavy, so that samplers differ. */
const wavy: Predict<Float64Array> = async ({ input, timestep, roles }) =>
  roles.map((_, k) =>
    input.map((value, i) => 0.8 * Math.sin(1.3 * value + timestep / 500 + 0.5 * i + k) + 0.3 * value),
  );

test("DDIM trailing is Euler in other units", async () => {
  const euler = planSampling({ sampler: "euler", steps: 4, start: "root" });
  const ddim = planSampling({ sampler: "ddim", steps: 4 });
  const [a, b] = [await run(euler, wavy, counter()), await run(ddim, wavy, counter())];
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i]!, 11);
  });
});

test("DDIM with eta is Euler ancestral in other units", async () => {
  const settings = { eta: 0.6 };
  const a = await run(planSampling({ sampler: "euler_ancestral", steps: 4, start: "root", settings }), wavy, counter());
  const b = await run(planSampling({ sampler: "ddim", steps: 4, settings }), wavy, counter());
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i]!, 10);
  });
});

test("float32 latents give float32 latents, near the double ones", async () => {
  const single: Predict<Float32Array> = async (request) =>
    (await wavy({ ...request, input: Float64Array.from(request.input) })).map((output) => Float32Array.from(output));
  const plan = planSampling({ sampler: "dpmpp_2m_sde", steps: 6 });
  const k = counter();
  const floats = await run(plan, single, () => Float32Array.from(k()));
  const doubles = await run(plan, wavy, counter());
  expect(floats).toBeInstanceOf(Float32Array);
  floats.forEach((value, i) => {
    expect(Math.abs(value - doubles[i]!)).toBeLessThan(2e-5 * Math.max(1, Math.abs(doubles[i]!)));
  });
});

test("guidance asks for both outputs in one call, and for one at scale 1", async () => {
  const asked: string[] = [];
  const spy: Predict<Float64Array> = (request) => {
    asked.push(request.roles.join("+"));
    return wavy(request);
  };
  await run(planSampling({ steps: 3, guidance: [5, 1, 0] }), spy, counter());
  expect(asked).toEqual(["conditional+unconditional", "conditional", "unconditional"]);
});

test("an aborted signal stops before the next network call", async () => {
  const controller = new AbortController();
  const steps = sample(planSampling({ steps: 4 }), wavy, { draw: counter(), signal: controller.signal });
  await steps.next();
  controller.abort();
  await expect(steps.next()).rejects.toMatchObject({ code: "interrupted", kind: "interrupted" });
});

test("a network that returns too little is reported", async () => {
  const short: Predict<Float64Array> = async () => [new Float64Array(3)];
  await expect(run(planSampling({ steps: 1 }), short, counter())).rejects.toMatchObject({ code: "bad-network-output" });
});

test("blending after every step keeps the unmasked part the noised original", async () => {
  for (const sampler of ["euler", "lcm"] as const) {
    const plan = planSampling({ sampler, steps: 4 });
    let result: Float64Array | undefined;
    const blended = sample(plan, wavy, {
      draw: counter(),
      afterStep: (latents, following) => {
        const original = following === undefined ? picture : noisedTo(plan, following, picture, noise(9));
        return latents.map((value, i) => (i < 4 ? original[i]! : value));
      },
    });
    for await (const step of blended) result = step.latents;
    expect(result!.subarray(0, 4)).toEqual(picture.subarray(0, 4));
    expect(result!.subarray(4)).not.toEqual(picture.subarray(4));
  }
});

test("at zero terminal SNR the picture has no part in the start", () => {
  const options: SamplingOptions = { sampler: "ddim", steps: 2, prediction: "v", zeroTerminalSnr: true };
  expect(startLatents(planSampling(options), counter(), picture)).toEqual(noise(0));
});

interface StoredFile {
  readonly scheduler: string;
  readonly base_config: Readonly<Record<string, unknown>>;
  readonly cases: readonly {
    readonly id: string;
    readonly kind: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly set: { readonly num_inference_steps?: number };
    readonly start: readonly number[];
    readonly steps: readonly { readonly next: readonly number[] }[];
  }[];
}

// A few loops of the real schedulers; all of them are in the golden runner.
test.each([
  ["euler", "trailing/epsilon/4"],
  ["lcm", "origin50/epsilon/4"],
  ["ddim", "trailing/one=False/eta0.3/4"],
  ["dpm-multistep", "2m/karras/8"],
  ["unipc", "2-bh2/trailing/8"],
])("%s %s is the library's loop", async (file, id) => {
  const path = new URL(`../../../../test/golden/data/sampling/diffusers/${file}.json.gz`, import.meta.url);
  const stored = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")) as StoredFile;
  const one = stored.cases.find((entry) => entry.id === id)!;
  const eta = /eta([\d.]+)/.exec(id)?.[1];
  const plan = planSampling({
    ...optionsOfDiffusersScheduler(stored.scheduler, {
      ...stored.base_config,
      ...one.config,
      prediction_type: one.kind,
    }),
    steps: one.set.num_inference_steps!,
    ...(eta === undefined ? {} : { settings: { eta: Number(eta) } }),
  });
  const epsilon: Predict<Float64Array> = async ({ input, timestep }) => [
    input.map((x, i) => 0.8 * Math.sin(1.3 * x + timestep / 500 + 0.5 * i) + 0.3 * x),
  ];
  let index = 0;
  for await (const step of sample(plan, epsilon, { draw: counter(), start: Float64Array.from(one.start) })) {
    step.latents.forEach((value, i) => {
      expect(value).toBeCloseTo(one.steps[index]!.next[i]!, 8);
    });
    index += 1;
  }
  expect(index).toBe(one.steps.length);
});
