// --accelerator NAME: which of a run's files it is, and what its publisher's settings make of the request. Without it, the steps must be
// said; where a file looks like an accelerator the error says its name.
import { type AcceleratorVariant, FewstepError, type GenerateRequest, recogniseFile } from "@fewstep/core";
import {
  accelerate,
  type GivenFile,
  givenFile,
  openFile,
  type ResolvedAccelerator,
  resolveAccelerator,
  variantsNamed,
} from "@fewstep/core/node";
import type { RunFiles, RunLora } from "./open-run.js";

/** A file of the run that is an accelerator. */
export interface UsedAccelerator {
  readonly variant: AcceleratorVariant;
  /** Absent where it is the UNet or the checkpoint. */
  readonly lora?: RunLora;
}

export interface AcceleratedRun {
  readonly request: GenerateRequest;
  readonly loras: readonly RunLora[];
  readonly line: string;
  readonly accelerator: UsedAccelerator;
}

export interface Candidate {
  readonly file: GivenFile;
  readonly lora?: RunLora;
}

/** The files of a run that an accelerator can be: its LoRAs, and its UNet or else its checkpoint. */
export async function acceleratorFiles(
  { checkpoint, loras, unet }: RunFiles,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for (const lora of loras) {
    const { source, recognised, fit } = lora.opened;
    const file = givenFile(source, recognised, fit.adapter);
    if (file !== undefined) found.push({ file, lora });
  }
  for (const source of unet === undefined ? checkpoint.files : [await openFile(unet)]) {
    const file = givenFile(source, await recogniseFile(source, signal));
    if (file !== undefined) found.push({ file });
  }
  return found;
}

/** `believes`: the name counts for a file that nothing is known of, as its content would. */
function resolved(
  name: string,
  { checkpoint }: RunFiles,
  given: readonly Candidate[],
  believes: boolean,
): ResolvedAccelerator {
  const base = checkpoint.family.id;
  try {
    return resolveAccelerator(name, { base, files: given.map(({ file }) => file) });
  } catch (error) {
    const unknown = given.filter(({ file }) => file.form !== "checkpoint" && file.recognition.candidates.length === 0);
    const isMissing = error instanceof FewstepError && error.code === "accelerator-file-missing";
    if (!believes || !isMissing) throw error;
    for (const variant of variantsNamed(name, base)) {
      const file = unknown.find((one) => one.file.form === variant.form)?.file;
      if (file !== undefined) return { variant, file };
    }
    throw error;
  }
}

/** Fills the request from an accelerator that one of the files must be. @throws FewstepError the codes of resolveAccelerator */
export function accelerateRun(
  name: string,
  request: GenerateRequest,
  files: RunFiles,
  given: readonly Candidate[],
  believes = false,
): AcceleratedRun {
  const { variant, file } = resolved(name, files, given, believes);
  const mine = given.find((one) => one.file === file)?.lora;
  const { request: filled, loraStrength, line } = accelerate(variant, request, mine?.strengthUnet);
  const used = mine && { ...mine, strengthUnet: loraStrength };
  return {
    request: filled,
    loras: files.loras.map((lora) => (lora === mine ? used! : lora)),
    line,
    accelerator: { variant, ...(used && { lora: used }) },
  };
}

/** @throws FewstepError `steps-missing` unless steps, timesteps or sigmas are asked for */
export function requireSteps({ sampling }: GenerateRequest, given: readonly Candidate[]): void {
  const { steps, timesteps, sigmas } = sampling ?? {};
  if (steps !== undefined || timesteps !== undefined || sigmas !== undefined) return;
  const names = given.flatMap(({ file }) => file.recognition.candidates.slice(0, 1).map(({ variant }) => variant.name));
  throw new FewstepError({
    code: "steps-missing",
    message: "the number of steps is not said",
    expected: "--steps N, --timesteps, --sigmas, or --accelerator NAME",
    hint:
      names[0] === undefined
        ? "without an accelerator most models want --steps 20 --cfg 7"
        : `a file given looks like ${names[0]}: --accelerator ${names[0]} fills in all that its publisher says`,
  });
}

/** Accelerators that files are known to be, whether or not one was asked for by name. */
export function recognisedAccelerators(given: readonly Candidate[]): readonly UsedAccelerator[] {
  return given.flatMap(({ file: { recognition }, lora }) => {
    const [best] = recognition.candidates;
    // without a decision its content fits several: which one is a question, and no finding may rest on a guess
    if (best === undefined || recognition.decidedBy === undefined) return [];
    return [{ variant: best.variant, ...(lora && { lora }) }];
  });
}
