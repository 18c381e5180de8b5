// The whole command in a cold process, with time to the first step and peak memory of the process tree; beside diffusers' whole job.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Measured, measure, median } from "../measure.js";
import { golden, model } from "../models.js";
import { wholeJob } from "../peer.js";

const bin = fileURLToPath(new URL("../../../packages/fewstep/dist/cli.js", import.meta.url));
const ROUNDS = 3;

export interface Job {
  readonly name: string;
  readonly args: readonly string[];
}

const four = ["--steps", "4", "--cfg", "1", "--sampler", "lcm", "--seed", "7"];

export const jobs = (): Readonly<Record<string, Job>> => ({
  sd15: { name: "SD1.5, 512x512, 4 steps", args: ["--model", model("sd15-full"), "--size", "512x512", ...four] },
  sd15_lora: {
    name: "the same with an LCM LoRA as branches",
    args: ["--model", model("sd15-full"), "--lora", `${model("sd15-full-lcm")}:1`, "--size", "512x512", ...four],
  },
  sdxl: {
    name: "SDXL, 1024x1024, 4 steps, tiled VAE",
    args: ["--model", model("sdxl-full"), "--size", "1024x1024", ...four],
  },
});

/** Seconds until the first step began: until the line that tells that the UNet is loaded. */
function firstStep({ lines }: Measured): number | undefined {
  return lines.find(([, line]) => /loaded the UNet/.test(line))?.[0];
}

async function runOwn(job: Job, threads: number, memory: boolean): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "fewstep-bench-"));
  const out = join(folder, "cat.png");
  try {
    const args = ["generate", "a cat", ...job.args, "--threads", String(threads), "--out", out, "--json"];
    const run = await measure([process.execPath, bin, ...args], memory);
    if (run.code !== 0)
      throw new Error(`${job.name}: exit ${run.code}: ${run.lines.map(([, line]) => line).join("\n")}`);
    readFileSync(out);
    return run;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Timed once and watched once. */
export async function ownCommand(job: Job, threads: number) {
  const timed = await runOwn(job, threads, false);
  const { peakGb } = await runOwn(job, threads, true);
  return { seconds: timed.seconds, peak_gb: peakGb, first_step_began_s: firstStep(timed) };
}

const PRECISIONS = ["f32", "bf16"] as const;

export async function command(threads: number) {
  const path = model("sd15-full");
  const { sd15 } = jobs();
  const theirs = async (precision: (typeof PRECISIONS)[number], memory: boolean) => {
    const run = await measure(wholeJob(path, golden, precision, threads), memory);
    if (run.code !== 0) throw new Error(`diffusers ${precision} failed: ${run.lines.at(-1)?.[1]}`);
    return run;
  };
  // the first runs warm the file cache and say the memory; their seconds do not count
  const peaks = {
    fewstep: (await runOwn(sd15!, threads, true)).peakGb,
    f32: (await theirs("f32", true)).peakGb,
    bf16: (await theirs("bf16", true)).peakGb,
  };
  const seconds = { fewstep: [] as number[], f32: [] as number[], bf16: [] as number[] };
  const first: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ours = await runOwn(sd15!, threads, false);
    seconds.fewstep.push(ours.seconds);
    first.push(firstStep(ours)!);
    for (const precision of PRECISIONS) seconds[precision].push((await theirs(precision, false)).seconds);
  }
  const mine = median(seconds.fewstep);
  return {
    fewstep_s: mine,
    first_step_began_s: median(first),
    diffusers_f32_s: median(seconds.f32),
    diffusers_bf16_s: median(seconds.bf16),
    ratio_to_f32: mine / median(seconds.f32),
    ratio_to_bf16: mine / median(seconds.bf16),
    peaks_gb: peaks,
    rounds: seconds,
  };
}

export async function lora(threads: number) {
  return { branches: await ownCommand(jobs().sd15_lora!, threads) };
}

export async function sdxl(threads: number) {
  return ownCommand(jobs().sdxl!, threads);
}
