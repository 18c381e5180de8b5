// --accelerator NAME: which of a run's files it is, and what its publisher's settings make of the request. Without it, the steps must be
// said; where a file looks like an accelerator the error says its name.
import { FewstepError, type GenerateRequest, recogniseFile } from "@fewstep/core";
import { accelerate, type GivenFile, givenFile, openFile, resolveAccelerator } from "@fewstep/core/node";
import type { RunFiles, RunLora } from "./open-run.js";

export interface AcceleratedRun {
  readonly request: GenerateRequest;
  readonly loras: readonly RunLora[];
  readonly line: string;
}

interface Candidate {
  readonly file: GivenFile;
  readonly lora?: RunLora;
}

/** The files of a run that an accelerator can be: its LoRAs, and its UNet or else its checkpoint. */
async function acceleratorFiles(
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

/** Fills the request from an accelerator that one of the files must be. @throws FewstepError the codes of resolveAccelerator */
export async function accelerateRun(
  name: string,
  request: GenerateRequest,
  files: RunFiles,
  signal: AbortSignal,
): Promise<AcceleratedRun> {
  const given = await acceleratorFiles(files, signal);
  const { variant, file } = resolveAccelerator(name, {
    base: files.checkpoint.family.id,
    files: given.map((one) => one.file),
  });
  const mine = given.find((one) => one.file === file)?.lora;
  const { request: filled, loraStrength, line } = accelerate(variant, request, mine?.strengthUnet);
  return {
    request: filled,
    loras: files.loras.map((lora) => (lora === mine ? { ...lora, strengthUnet: loraStrength } : lora)),
    line,
  };
}

/** @throws FewstepError `steps-missing` unless steps, timesteps or sigmas are asked for */
export async function requireSteps({ sampling }: GenerateRequest, files: RunFiles, signal: AbortSignal): Promise<void> {
  const { steps, timesteps, sigmas } = sampling ?? {};
  if (steps !== undefined || timesteps !== undefined || sigmas !== undefined) return;
  const given = await acceleratorFiles(files, signal);
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
