// Which of a run's files is an accelerator, by --accelerator NAME or by what the file itself says, and what its publisher's settings make of
// the request. Where a file can be several the user is asked; without any, the steps must be said.
import {
  type AcceleratorVariant,
  type Adapter,
  FewstepError,
  type FileSource,
  type GenerateRequest,
  type RecognisedFile,
  recogniseFile,
} from "@fewstep/core";
import {
  accelerate,
  FileHasher,
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

/** Says that none of the files is an accelerator, whatever they look like. */
export const NO_ACCELERATOR = "none";

/** Of kohya's and A1111's hash of a LoRA's tensors. */
const TENSOR_DIGITS = 12;

/** The files of a run that an accelerator can be: its LoRAs, and its UNet or else its checkpoint. */
export async function acceleratorFiles(
  { checkpoint, loras, unet }: RunFiles,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for (const lora of loras) {
    const { source, recognised, fit } = lora.opened;
    const file = await recognisedFile(source, recognised, signal, fit.adapter);
    if (file !== undefined) found.push({ file, lora });
  }
  for (const source of unet === undefined ? checkpoint.files : [await openFile(unet)]) {
    const file = await recognisedFile(source, await recogniseFile(source, signal), signal);
    if (file !== undefined) found.push({ file });
  }
  return found;
}

/** By the header, and where that leaves a question that a published hash could answer, by hashes too: the file is read once, then known. */
export async function recognisedFile(
  source: FileSource,
  recognised: RecognisedFile,
  signal: AbortSignal,
  adapter?: Adapter,
): Promise<GivenFile | undefined> {
  const file = givenFile(source, recognised, adapter);
  const { question, candidates } = file?.recognition ?? { candidates: [] };
  const published = candidates.flatMap(({ variant }) => variant.files);
  const isHashed = published.some(({ sha256, tensorHash }) => sha256 !== undefined || tensorHash !== undefined);
  if (question === undefined || !isHashed || source.path === undefined) return file;
  const hasher = new FileHasher();
  try {
    const tensorHash = (await hasher.hash(source, "tensors", signal)).slice(0, TENSOR_DIGITS);
    const sha256 = await hasher.hash(source, "file", signal);
    return givenFile(source, recognised, adapter, { sha256, tensorHash });
  } finally {
    hasher.dispose();
  }
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

export interface AccelerateOptions {
  /** Of the accelerator's LoRA, where the file's own option says none. */
  readonly strength?: number;
  /** The name counts for a file that nothing is known of. Default false. */
  readonly believes?: boolean;
}

/** Fills the request from an accelerator that one of the files must be. @throws FewstepError the codes of resolveAccelerator */
export function accelerateRun(
  name: string,
  request: GenerateRequest,
  files: RunFiles,
  given: readonly Candidate[],
  { strength, believes = false }: AccelerateOptions = {},
): AcceleratedRun {
  const { variant, file } = resolved(name, files, given, believes);
  const mine = given.find((one) => one.file === file)?.lora;
  return filledRun(variant, mine, request, files.loras, mine?.strengthUnet ?? strength);
}

/**
 * Fills the request from the one file that is an accelerator by its content, its hash, or failing that its name, which the line then says.
 * Undefined where no file is one, or where several are and the steps are said by hand.
 * @throws FewstepError `accelerator-unclear` where nothing decides and the steps are not said
 */
export function accelerateByContent(
  request: GenerateRequest,
  files: RunFiles,
  given: readonly Candidate[],
): AcceleratedRun | undefined {
  const looks = given.filter(({ file: { recognition } }) => recognition.candidates.length > 0);
  const [only] = looks;
  if (only === undefined) return undefined;
  const { candidates, decidedBy, question } = only.file.recognition;
  if (looks.length > 1 || decidedBy === undefined) {
    if (saysSteps(request)) return undefined;
    throw unclear(looks);
  }
  const { variant } = candidates[0]!;
  const run = filledRun(variant, only.lora, request, files.loras, only.lora?.strengthUnet);
  const doubt = question === undefined ? "" : `; ${question} with --accelerator NAME`;
  return { ...run, line: `by its ${decidedBy}, ${only.file.name} is ${run.line}${doubt}` };
}

function filledRun(
  variant: AcceleratorVariant,
  mine: RunLora | undefined,
  request: GenerateRequest,
  loras: readonly RunLora[],
  strength: number | undefined,
): AcceleratedRun {
  const { request: filled, loraStrength, line } = accelerate(variant, request, strength);
  const used = mine && { ...mine, strengthUnet: loraStrength };
  return {
    request: filled,
    loras: loras.map((lora) => (lora === mine ? used! : lora)),
    line,
    accelerator: { variant, ...(used && { lora: used }) },
  };
}

function unclear(looks: readonly Candidate[]): FewstepError {
  const names = [
    ...new Set(looks.flatMap(({ file }) => file.recognition.candidates.map(({ variant }) => variant.name))),
  ];
  const [first] = looks;
  return new FewstepError({
    code: "accelerator-unclear",
    message:
      looks.length > 1 ? "several files of the run are accelerators" : "which accelerator a file is cannot be told",
    found:
      looks.length > 1 ? looks.map(({ file }) => file.name).join(", ") : `${first!.file.name}: ${question(first!)}`,
    expected: names
      .slice(0, 12)
      .map((name) => `--accelerator ${name}`)
      .join(", or "),
    hint: looks.length > 1 ? "leave one out" : "the number of steps is in the name of the published file",
  });
}

function question({ file: { recognition } }: Candidate): string {
  return recognition.question ?? "its content fits several";
}

function saysSteps({ sampling }: GenerateRequest): boolean {
  const { steps, timesteps, sigmas } = sampling ?? {};
  return steps !== undefined || timesteps !== undefined || sigmas !== undefined;
}

/** @throws FewstepError `steps-missing` unless steps, timesteps or sigmas are asked for */
export function requireSteps(request: GenerateRequest): void {
  if (saysSteps(request)) return;
  throw new FewstepError({
    code: "steps-missing",
    message: "the number of steps is not said",
    expected: "--steps N, --timesteps, --sigmas, or --accelerator NAME",
    hint: "without an accelerator most models want --steps 20 --cfg 7",
  });
}

/** Accelerators that files are known to be, but for the one in use: two are one too many. */
export function otherAccelerators(
  given: readonly Candidate[],
  used: UsedAccelerator | undefined,
): readonly UsedAccelerator[] {
  return given.flatMap(({ file: { recognition }, lora }) => {
    const [best] = recognition.candidates;
    // without a decision its content fits several: which one is a question, and no finding may rest on a guess
    if (best === undefined || recognition.decidedBy === undefined) return [];
    const isUsed = used !== undefined && used.lora?.opened === lora?.opened;
    return isUsed ? [] : [{ variant: best.variant, ...(lora && { lora }) }];
  });
}
