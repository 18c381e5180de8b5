// A prompt's request and files, as the linter looks at them.
import { basename } from "node:path";
import {
  acceleratorFileFacts,
  adapterCoverage,
  type GenerateRequest,
  type LintRun,
  type LintStackEntry,
} from "@fewstep/core";
import { planFacts } from "@fewstep/core/node";
import type { UsedAccelerator } from "./accelerate-run.js";
import type { RunFiles, RunLora } from "./open-run.js";

/** Latents, a mask, and the latents of the masked picture. */
const INPAINTING_CHANNELS = 9;
/** What planning takes where none is said, without a mask and with one. */
const PICTURE_STRENGTH = { plain: 0.8, masked: 1 } as const;

/** A prompt's request and what its files are. */
export interface LintedPrompt {
  readonly request: GenerateRequest;
  readonly loras: readonly RunLora[];
  readonly accelerators: readonly UsedAccelerator[];
}

export function lintRunOf({ request, loras, accelerators }: LintedPrompt, files: RunFiles): LintRun {
  const { checkpoint } = files;
  const { family, prediction, zeroTerminalSnr, embeddedGuidance } = planFacts(checkpoint);
  const { guidance = 1, sampling, init, negative, clipSkip, width, height } = request;
  const strength = init && (init.strength ?? PICTURE_STRENGTH[request.mask === undefined ? "plain" : "masked"]);
  const scale = typeof guidance === "number" ? guidance : guidance[0];
  return {
    base: {
      family: family.id,
      title: checkpoint.name,
      prediction,
      zeroTerminalSnr,
      size: family.size.width,
      inpainting: checkpoint.unet.config.inChannels === INPAINTING_CHANNELS,
    },
    stack: stackOf(loras, accelerators),
    sampling: {
      prediction,
      zeroTerminalSnr,
      ...sampling,
      guidance: embeddedGuidance ? 1 : guidance,
      ...(strength === undefined ? {} : { strength }),
    },
    ...(embeddedGuidance && scale !== undefined ? { guidanceInput: scale } : {}),
    size: {
      width: width ?? sideOf(init?.picture.width) ?? family.size.width,
      height: height ?? sideOf(init?.picture.height) ?? family.size.height,
    },
    prompt: request.prompt,
    ...(negative === undefined ? {} : { negative }),
    ...(clipSkip === undefined ? {} : { clipSkip }),
    images: request.seeds?.length ?? 1,
    fromPicture: init !== undefined,
    ...vaeOf(files),
  };
}

/** A TAESD decodes in its place. */
function vaeOf({ checkpoint, vae, taesd }: RunFiles): Pick<LintRun, "vae"> {
  if (checkpoint.vae === undefined || taesd !== undefined) return {};
  return { vae: { name: vae === undefined ? checkpoint.name : basename(vae), replaced: vae !== undefined } };
}

/** Of what is made from a picture: the multiple of 8 below its side. */
function sideOf(side: number | undefined): number | undefined {
  return side === undefined ? undefined : Math.max(8, side - (side % 8));
}

/** LoRAs in their order; an accelerator that is the UNet or the checkpoint lies below them all. */
function stackOf(loras: readonly RunLora[], accelerators: readonly UsedAccelerator[]): readonly LintStackEntry[] {
  const networks = accelerators.filter(({ lora }) => lora === undefined).map(({ variant }) => ({ variant }));
  return [...networks, ...loras.map((lora) => entryOf(lora, accelerators))];
}

function entryOf(lora: RunLora, accelerators: readonly UsedAccelerator[]): LintStackEntry {
  const { opened, strengthUnet = 1, strengthText = strengthUnet } = lora;
  const variant = accelerators.find((one) => one.lora === lora)?.variant;
  if (variant !== undefined) {
    const facts = acceleratorFileFacts(opened.source, opened.recognised, opened.fit.adapter)?.lora;
    const coverage = adapterCoverage(opened.fit).part;
    return { variant, strength: strengthUnet, textStrength: strengthText, coverage, ...(facts && { facts }) };
  }
  const { adapter } = opened.fit;
  return {
    name: opened.source.name,
    strength: strengthUnet,
    dora: adapter.targets.some(({ delta }) => delta.kind === "dora"),
    rotates: adapter.targets.some(({ delta }) => delta.kind === "rotation"),
  };
}
