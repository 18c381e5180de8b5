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

/** Seconds until the line that tells of the first step; undefined if there was none. */
function firstStep({ lines }: Measured): number | undefined {
  return lines.find(([, line]) => /step\s+1\s*(\/|of)/i.test(line))?.[0];
}

export async function ownCommand(job: Job, threads: number) {
  const folder = mkdtempSync(join(tmpdir(), "fewstep-bench-"));
  const out = join(folder, "cat.png");
  try {
    const run = await measure([
      process.execPath,
      bin,
      "generate",
      "a cat",
      ...job.args,
      "--threads",
      String(threads),
      "--out",
      out,
      "--json",
    ]);
    if (run.code !== 0)
      throw new Error(`${job.name}: exit ${run.code}: ${run.lines.map(([, line]) => line).join("\n")}`);
    readFileSync(out);
    return { seconds: run.seconds, peak_gb: run.peakGb, first_step_done_s: firstStep(run) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function command(threads: number) {
  const path = model("sd15-full");
  const rounds: {
    fewstep: number[];
    f32: number[];
    bf16: number[];
    peak: number[];
    first: number[];
    f32Peak: number[];
    bf16Peak: number[];
  } = {
    fewstep: [],
    f32: [],
    bf16: [],
    peak: [],
    first: [],
    f32Peak: [],
    bf16Peak: [],
  };
  const { sd15 } = jobs();
  await ownCommand(sd15!, threads);
  for (let round = 0; round < ROUNDS; round++) {
    const ours = await ownCommand(sd15!, threads);
    rounds.fewstep.push(ours.seconds);
    rounds.peak.push(ours.peak_gb);
    if (ours.first_step_done_s !== undefined) rounds.first.push(ours.first_step_done_s);
    for (const precision of ["f32", "bf16"] as const) {
      const theirs = await measure(wholeJob(path, golden, precision, threads));
      if (theirs.code !== 0) throw new Error(`diffusers ${precision} failed: ${theirs.lines.at(-1)?.[1]}`);
      rounds[precision].push(theirs.seconds);
      rounds[`${precision}Peak`].push(theirs.peakGb);
    }
  }
  const [mine, f32, bf16] = [median(rounds.fewstep), median(rounds.f32), median(rounds.bf16)];
  return {
    fewstep_s: mine,
    fewstep_peak_gb: Math.max(...rounds.peak),
    first_step_done_s: rounds.first.length > 0 ? median(rounds.first) : undefined,
    diffusers_f32_s: f32,
    diffusers_f32_peak_gb: Math.max(...rounds.f32Peak),
    diffusers_bf16_s: bf16,
    diffusers_bf16_peak_gb: Math.max(...rounds.bf16Peak),
    ratio_to_f32: mine / f32,
    ratio_to_bf16: mine / bf16,
    rounds,
  };
}

export async function lora(threads: number) {
  return { branches: await ownCommand(jobs().sd15_lora!, threads) };
}

export async function sdxl(threads: number) {
  return ownCommand(jobs().sdxl!, threads);
}
