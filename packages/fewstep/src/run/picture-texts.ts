// What a picture file says about itself: in other tools' forms, A1111's unless others are asked for, and in fewstep's own, from which it can
// be made again.
import {
  FEWSTEP_KEY,
  type GeneratePlan,
  type NoiseRequest,
  type NoiseSourceName,
  type PictureCoding,
  type PictureSettings,
  pictureNoise,
  type SamplerName,
  type StoredPlan,
  samplerNameTable,
  scheduleNameTable,
  type UsedLora,
  type WritableTool,
  type WrittenText,
  writeFewstepText,
  writeMetadata,
} from "@fewstep/core";
import { VERSION } from "../version.js";

/** Files as a picture names them: without folder and ending. Hashes as other tools write them. */
export interface UsedFiles {
  readonly model: string;
  /** AutoV2: 10 hex digits. */
  readonly modelHash?: string;
  readonly vae?: string;
  readonly vaeHash?: string;
  /** `unet:NAME`, `taesd:NAME`, `init:NAME`, `mask:NAME`: what else the picture is made with. */
  readonly others?: readonly NamedHash[];
  readonly loras: readonly UsedLora[];
  readonly embeddings?: PictureSettings["embeddings"];
}

export interface NamedHash {
  readonly name: string;
  readonly hash: string;
}

/**
 * The texts of one picture of a plan, in the forms of other tools and in fewstep's own.
 * @throws FewstepError `comfyui-settings` where ComfyUI has no graph for the run
 */
export function pictureTexts(
  plan: GeneratePlan,
  picture: number,
  files: UsedFiles,
  forms: readonly WritableTool[] = ["a1111"],
  coding?: PictureCoding,
): readonly WrittenText[] {
  const settings = settingsOf(plan, picture, files);
  const own = ofPicture(plan, picture);
  return [
    ...forms.flatMap((tool) => writeMetadata({ ...settings, ...namesOf(plan, tool) }, tool)),
    { keyword: FEWSTEP_KEY, text: writeFewstepText(settings, own, coding) },
  ];
}

/** The plan that makes one picture of a plan, as its noise allows. */
function ofPicture(plan: GeneratePlan, picture: number): StoredPlan {
  const { seeds, batch } = plan.sampling.noise;
  // one generator draws for the whole batch: a picture of it needs the others
  if (batch === "one-generator" && seeds.length > 1) return { ...plan, picture };
  const noise = pictureNoise(plan.sampling.noise, picture);
  return {
    ...plan,
    sampling: { ...plan.sampling, noise },
    hires: plan.hires && { ...plan.hires, sampling: { ...plan.hires.sampling, noise } },
  };
}

function settingsOf(plan: GeneratePlan, picture: number, files: UsedFiles): PictureSettings {
  const { sampling } = plan;
  const { guidanceRescale } = sampling;
  return {
    prompt: plan.prompt,
    ...(plan.negative === undefined ? {} : { negative: plan.negative }),
    steps: plan.init === undefined ? sampling.rows.length : sampling.builtSteps,
    cfg: plan.embeddedGuidance ?? sampling.rows[0]!.guidance,
    ...(guidanceRescale === 0 ? {} : { cfgRescale: guidanceRescale }),
    sampler: sampling.sampler.name,
    ...(plan.schedule === undefined ? {} : { schedule: plan.schedule }),
    ...seedsOf(sampling.noise, picture),
    width: plan.width,
    height: plan.height,
    model: files.model,
    ...(files.modelHash === undefined ? {} : { modelHash: files.modelHash }),
    ...(files.vae === undefined ? {} : { vae: files.vae }),
    ...(files.vaeHash === undefined ? {} : { vaeHash: files.vaeHash }),
    ...(files.others === undefined ? {} : { hashes: files.others }),
    ...denoiseOf(plan),
    ...(plan.hires && { hires: hiresOf(plan.hires, sampling) }),
    clipSkip: plan.clipSkip,
    ...(files.loras.length === 0 ? {} : { loras: files.loras }),
    ...(files.embeddings && { embeddings: files.embeddings }),
    version: `fewstep ${VERSION}`,
  };
}

/** A1111's names of noise sources; the others are not its. */
const RNG: Readonly<Partial<Record<NoiseSourceName, string>>> = { "torch-cpu": "CPU", philox: "NV" };

function seedsOf(
  { source = "torch-cpu", seeds, batch, subseeds, subseedStrength, stepSeedOffset }: NoiseRequest,
  i: number,
) {
  return {
    seed: seeds[batch === "one-generator" ? 0 : i]!,
    rng: RNG[source] ?? source,
    ...(subseeds && subseedStrength ? { subseed: subseeds[i]!, subseedStrength } : {}),
    ...(stepSeedOffset === undefined ? {} : { seedDelta: Number(stepSeedOffset) }),
  };
}

/** A1111 has one number: with a second pass it is that pass', else that of the picture to start from. */
function denoiseOf({ init, hires }: GeneratePlan): Pick<PictureSettings, "denoise"> {
  const strength = hires?.strength ?? init?.strength;
  return strength === undefined ? {} : { denoise: strength };
}

/** A1111's names for the two interpolations of latents; `pixel` is Lanczos. */
const UPSCALERS = { bilinear: "Latent", nearest: "Latent (nearest)" } as const;

/** The second pass; its sampler and guidance only where they are not the first one's. */
function hiresOf(
  { width, height, upscale, filter, strength, sampling }: NonNullable<GeneratePlan["hires"]>,
  first: GeneratePlan["sampling"],
) {
  const { sampler, rows } = sampling;
  const cfg = rows[0]!.guidance;
  return {
    ...(sampler.name === first.sampler.name ? {} : { sampler: a1111Sampler(sampler.name) }),
    ...(cfg === first.rows[0]!.guidance ? {} : { cfg }),
    width,
    height,
    steps: sampling.builtSteps,
    upscaler: upscale === "pixel" ? "Lanczos" : UPSCALERS[filter],
    denoise: strength,
  };
}

const a1111Sampler = (name: SamplerName): string =>
  samplerNameTable.find((row) => row.tool === "a1111" && row.means?.sampler === name)?.name ?? name;

/** A tool's words for the sampler and schedule where it has them, ours where not. */
function namesOf(
  { sampling, schedule }: GeneratePlan,
  tool: WritableTool,
): Pick<PictureSettings, "sampler" | "schedule"> {
  const { name } = sampling.sampler;
  const words = tool === "a1111" ? "a1111" : "comfyui";
  const list = scheduleNameTable.find((row) => row.tool === words && row.means?.name === schedule);
  // ComfyUI's samplers have fewstep's names; its `simple` is what is called trailing elsewhere
  const ownSchedule = words === "comfyui" && schedule === "trailing" ? "simple" : schedule;
  return {
    sampler: words === "comfyui" ? name : a1111Sampler(name),
    ...(schedule === undefined ? {} : { schedule: list?.name ?? ownSchedule ?? schedule }),
  };
}
