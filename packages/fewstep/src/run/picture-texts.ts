// What a picture file says about itself: A1111's generation text, for everybody's tools, and fewstep's own, from which it can be made again.
import {
  FEWSTEP_KEY,
  type GeneratePlan,
  type PictureSettings,
  samplerNameTable,
  scheduleNameTable,
  type UsedLora,
  writeA1111,
  writeFewstepText,
} from "@fewstep/core";
import { VERSION } from "../version.js";

/** Files as a picture names them: without folder and ending. Hashes as other tools write them. */
export interface UsedFiles {
  readonly model: string;
  /** AutoV2: 10 hex digits. */
  readonly modelHash?: string;
  readonly vae?: string;
  readonly vaeHash?: string;
  readonly unet?: string;
  readonly unetHash?: string;
  readonly loras: readonly UsedLora[];
}

/** The texts of one picture of a plan. */
export function pictureTexts(plan: GeneratePlan, seed: string, files: UsedFiles) {
  const settings = settingsOf(plan, seed, files);
  const own: GeneratePlan = {
    ...plan,
    sampling: { ...plan.sampling, noise: { ...plan.sampling.noise, seeds: [seed] } },
  };
  return [
    { keyword: "parameters", text: writeA1111({ ...settings, ...a1111Names(plan) }) },
    { keyword: FEWSTEP_KEY, text: writeFewstepText(settings, own) },
  ];
}

function settingsOf(plan: GeneratePlan, seed: string, files: UsedFiles): PictureSettings {
  const { sampling } = plan;
  return {
    prompt: plan.prompt,
    ...(plan.negative === undefined ? {} : { negative: plan.negative }),
    steps: plan.init === undefined ? sampling.rows.length : sampling.builtSteps,
    cfg: plan.embeddedGuidance ?? sampling.rows[0]!.guidance,
    sampler: sampling.sampler.name,
    ...(plan.schedule === undefined ? {} : { schedule: plan.schedule }),
    seed,
    width: plan.width,
    height: plan.height,
    model: files.model,
    ...(files.modelHash === undefined ? {} : { modelHash: files.modelHash }),
    ...(files.vae === undefined ? {} : { vae: files.vae }),
    ...(files.vaeHash === undefined ? {} : { vaeHash: files.vaeHash }),
    ...(files.unet === undefined ? {} : { hashes: [{ name: `unet:${files.unet}`, hash: files.unetHash ?? "" }] }),
    ...denoiseOf(plan),
    ...(plan.hires && { hires: hiresOf(plan.hires) }),
    clipSkip: plan.clipSkip,
    rng: "CPU",
    ...(files.loras.length === 0 ? {} : { loras: files.loras }),
    version: `fewstep ${VERSION}`,
  };
}

/** A1111 has one number: with a second pass it is that pass', else that of the picture to start from. */
function denoiseOf({ init, hires }: GeneratePlan): Pick<PictureSettings, "denoise"> {
  const strength = hires?.strength ?? init?.strength;
  return strength === undefined ? {} : { denoise: strength };
}

/** A1111's names for the two interpolations of latents; `pixel` is Lanczos. */
const UPSCALERS = { bilinear: "Latent", nearest: "Latent (nearest)" } as const;

function hiresOf({ width, height, upscale, filter, strength, sampling }: NonNullable<GeneratePlan["hires"]>) {
  return {
    width,
    height,
    steps: sampling.builtSteps,
    upscaler: upscale === "pixel" ? "Lanczos" : UPSCALERS[filter],
    denoise: strength,
  };
}

/** A1111's words for the sampler and schedule where it has them, ours where not. */
function a1111Names({ sampling, schedule }: GeneratePlan): Pick<PictureSettings, "sampler" | "schedule"> {
  const { name } = sampling.sampler;
  const sampler = samplerNameTable.find((row) => row.tool === "a1111" && row.means?.sampler === name);
  const list = scheduleNameTable.find((row) => row.tool === "a1111" && row.means?.name === schedule);
  return {
    sampler: sampler?.name ?? name,
    ...(schedule === undefined ? {} : { schedule: list?.name ?? schedule }),
  };
}
