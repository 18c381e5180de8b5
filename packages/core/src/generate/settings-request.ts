// What another tool's picture says of itself -> a request that makes it again as that tool would, and what cannot be known of it.
// Names of samplers and schedules are matched here; files (model, LoRAs, VAE) are for the caller to find.
import { FewstepError } from "../errors.js";
import type { FamilyId } from "../families/family.js";
import type { MetadataTool, PictureSettings } from "../image/metadata/settings.js";
import { type NamingTool, resolveSampler, resolveSchedule } from "../sampling/names.js";
import type { NoiseSourceName } from "../sampling/noise/noise-source.js";
import type { HiresRequest, PassSampling } from "./hires-request.js";
import type { GenerateRequest } from "./request.js";
import { likeTool, type ToolName } from "./tool-habits.js";

export interface RequestOfSettings {
  readonly request: GenerateRequest;
  /** The tool that is imitated. */
  readonly like: ToolName;
  /** What the file does not say, or what fewstep cannot follow, a line each. */
  readonly unknown: readonly string[];
}

interface Kin {
  /** Whose habits the tool's pictures are made with. */
  readonly like: ToolName;
  /** In whose words it names samplers. */
  readonly names: NamingTool;
  /** Its files say where the noise is drawn. */
  readonly saysNoise?: boolean;
  /** What its files never say. */
  readonly silentOn: readonly string[];
}

const gpuSteps =
  "whether the noise of the steps was drawn on a GPU (that of a CPU is taken; --step-source philox takes a GPU's)";

const kin: Readonly<Record<MetadataTool, Kin>> = {
  fewstep: { like: "diffusers", names: "fewstep", silentOn: [] },
  a1111: { like: "a1111", names: "a1111", saysNoise: true, silentOn: [] },
  comfyui: { like: "comfyui", names: "comfyui", silentOn: [gpuSteps] },
  swarmui: { like: "comfyui", names: "comfyui", silentOn: [gpuSteps] },
  fooocus: { like: "comfyui", names: "comfyui", silentOn: [gpuSteps, "its own sharpness and guidance of sizes"] },
  invokeai: {
    like: "diffusers",
    names: "diffusers",
    silentOn: ["the noise of the steps, which it seeds in its own way"],
  },
  novelai: { like: "a1111", names: "comfyui", silentOn: ["the model, which is not published"] },
};

/** Names that the table of samplers does not have: InvokeAI's and NovelAI's spellings of known ones. */
const spellings: ReadonlyMap<string, string> = new Map([
  ["euler_a", "euler_ancestral"],
  ["kdpm_2", "dpm_2"],
  ["kdpm_2_a", "dpm_2_ancestral"],
  ["dpmpp_2s", "dpmpp_singlestep"],
  ["dpmpp_2m_k", "dpmpp_2m_karras"],
  ["dpmpp_sde_k", "dpmpp_sde_karras"],
  ["euler_k", "euler_karras"],
  ["heun_k", "heun_karras"],
]);

/** A1111's latent upscalers, by what they are here. */
const upscalers: ReadonlyMap<string, Pick<HiresRequest, "upscale" | "filter">> = new Map([
  ["Latent", { upscale: "latent", filter: "bilinear" }],
  ["Latent (nearest)", { upscale: "latent", filter: "nearest" }],
  ["Lanczos", { upscale: "pixel" }],
]);

/** Where A1111 says that the noise is drawn. */
const rngs: ReadonlyMap<string, "philox" | "torch-cpu"> = new Map([
  ["GPU", "philox"],
  ["NV", "philox"],
  ["CPU", "torch-cpu"],
]);

/** What a picture's file leaves open and whoever has it may know. */
export interface SettingsHabits {
  /** Default: the tool that the settings are of. */
  readonly like?: ToolName;
  /** Where the noise of the steps was drawn. */
  readonly stepSource?: NoiseSourceName;
}

/** @throws FewstepError `settings-incomplete` without steps or seed, and the codes of resolveSampler and resolveSchedule */
export function requestOfSettings(
  settings: PictureSettings,
  tool: MetadataTool,
  family: FamilyId,
  { like = kin[tool].like, stepSource }: SettingsHabits = {},
): RequestOfSettings {
  const { steps, seed, width, height, cfg, clipSkip, rng, seedDelta, subseed, subseedStrength } = settings;
  if (steps === undefined || seed === undefined) {
    throw new FewstepError({
      code: "settings-incomplete",
      message: "the picture does not say enough to be made again",
      found: `no ${[...(steps === undefined ? ["steps"] : []), ...(seed === undefined ? ["seed"] : [])].join(" and no ")}`,
      expected: "at least the number of steps and the seed",
    });
  }
  const sampling = samplingOf(settings, kin[tool].names, steps, family);
  const source = kin[tool].saysNoise === true ? rngs.get(rng ?? "") : undefined;
  const hires = hiresOf(settings);
  const noise = {
    ...(source === undefined ? {} : { source }),
    ...(stepSource && { stepSource }),
    ...(seedDelta ? { stepSeedOffset: String(seedDelta) } : {}),
    ...(subseed !== undefined && subseedStrength ? { subseeds: [subseed], subseedStrength } : {}),
  };
  const plain: GenerateRequest = {
    prompt: settings.prompt ?? "",
    ...(settings.negative === undefined ? {} : { negative: settings.negative }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(cfg === undefined ? {} : { guidance: Math.max(1, cfg) }),
    ...(clipSkip === undefined ? {} : { clipSkip }),
    seeds: [seed],
    sampling: { ...sampling, ...(settings.cfgRescale ? { guidanceRescale: settings.cfgRescale } : {}) },
    ...(Object.keys(noise).length === 0 ? {} : { noise }),
    ...(hires === undefined ? {} : { hires }),
  };
  const unknown = unknownOf(settings, tool).filter((line) => line !== gpuSteps || stepSource === undefined);
  return { request: likeTool(like, plain, family), like, unknown };
}

function samplingOf(
  { sampler, schedule }: PictureSettings,
  names: NamingTool,
  steps: number,
  family: FamilyId,
): PassSampling {
  // A1111's "Automatic" is what its samplers have by themselves
  const said = schedule === "Automatic" ? undefined : schedule;
  const spelled = sampler?.replace(/^k_/, "");
  const named = spelled === undefined ? undefined : resolveSampler(spellings.get(spelled) ?? spelled, names, family);
  const list = said === undefined ? named?.schedule : resolveSchedule(said, names, family);
  return { ...named, steps, ...(list === undefined ? {} : { schedule: list }) };
}

function hiresOf({ hires, denoise, steps }: PictureSettings): HiresRequest | undefined {
  if (hires === undefined) return undefined;
  const { scale, width, height } = hires;
  const how = {
    ...upscalers.get(hires.upscaler ?? "Latent"),
    ...(denoise === undefined ? {} : { strength: denoise }),
    // 0: as many as the first pass
    ...(hires.steps ? { steps: hires.steps } : steps === undefined ? {} : { steps }),
    ...(hires.cfg === undefined ? {} : { guidance: hires.cfg }),
  };
  if (width !== undefined && height !== undefined) return { ...how, width, height };
  return scale === undefined ? undefined : { ...how, scale };
}

function unknownOf({ hires, denoise, styles, cfg, ...settings }: PictureSettings, tool: MetadataTool) {
  const upscaler = hires?.upscaler;
  return [
    ...(upscaler === undefined || upscalers.has(upscaler) ? [] : [`the upscaler ${upscaler} of the second pass`]),
    ...(hires?.prompt === undefined ? [] : ["a second prompt for the second pass"]),
    ...(denoise !== undefined && denoise < 1 && hires === undefined ? ["the picture that it was started from"] : []),
    ...((styles?.length ?? 0) === 0 ? [] : [`styles: ${styles!.join(", ")}`]),
    ...(cfg !== undefined && cfg < 1 ? [`guidance ${cfg}, taken as 1`] : []),
    ...kin[tool].silentOn,
    ...(settings.vae === undefined ? ["the VAE (the model's own is taken)"] : []),
  ];
}
