// Which accelerators fit a model, without a picture: what was published for its family, what its licences allow, which of the files lie in the
// user's folders, and how long each would take on this machine.
import {
  type Checkpoint,
  type GivenFile,
  parseAdapter,
  type Rate,
  type Recommendation,
  recogniseFile,
  recommend,
  SharingRuntime,
  variantId,
  type Wish,
} from "@fewstep/core";
import {
  type ChildRuntimeOptions,
  childRuntime,
  givenFile,
  listModels,
  type ModelFolders,
  openFile,
} from "@fewstep/core/node";
import { calibrate } from "./calibrate.js";
import { AdapterFits, type ComparisonFiles, openComparison } from "./open-comparison.js";
import { readRates, writeRates } from "./stored-rates.js";
import { trialCell } from "./trial-cell.js";

export interface ModelRecommendation {
  readonly accelerator: string;
  /** Of the variant: base, name and form. */
  readonly variant: string;
  readonly title: string;
  readonly networkCalls: number;
  /** Expected on this machine at the family's size; undefined where nothing was measured. */
  readonly seconds?: number;
  readonly licence: string;
  readonly commercial: "yes" | "no" | "unstated";
  /** A file of the user's folders that can be it. */
  readonly file?: string;
  /** Where it was published. */
  readonly published: readonly string[];
  readonly reasons: readonly string[];
  readonly cautions: readonly string[];
  readonly command: string;
}

export interface RecommendOptions extends ChildRuntimeOptions, Omit<Wish, "base"> {
  readonly model: string;
  readonly folders: ModelFolders;
  /** False: no calibration, so no times unless they are known. */
  readonly measure: boolean;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

export interface ModelAdvice {
  readonly model: string;
  readonly family: string;
  readonly recommendations: readonly ModelRecommendation[];
  /** Seconds of the model's own 25 steps with guidance, for comparison. */
  readonly fullRun?: number;
}

/** Seconds a calibration may take: the full size is measured only where it will fit. */
const CALIBRATION_SECONDS = 10;
/** LoRAs of the user's folders that are looked into: headers only, some milliseconds each. */
const MAX_LOOKED_AT = 500;

export async function recommendModel(options: RecommendOptions): Promise<ModelAdvice> {
  const { model, folders, signal, measure, note, device, threads, ...wish } = options;
  const files = await openComparison([model], [], folders, signal);
  const { checkpoint, grid } = files.models[0]!;
  const place = { ...(device === undefined ? {} : { device }), ...(threads === undefined ? {} : { threads }) };
  const rate = await rateOf(files, checkpoint, place, { measure, signal, note });
  const owned = await ownedFiles(folders, signal);
  return {
    model: grid.name,
    family: checkpoint.family.title,
    recommendations: recommend({ base: checkpoint.family.id, ...wish }).map((one) =>
      described(one, model, rate, owned),
    ),
    ...(rate === undefined ? {} : { fullRun: round(25 * 2 * rate.call + rate.decode) }),
  };
}

async function rateOf(
  files: ComparisonFiles,
  checkpoint: Checkpoint,
  place: ChildRuntimeOptions,
  { measure, signal, note }: Pick<RecommendOptions, "measure" | "signal" | "note">,
): Promise<Rate | undefined> {
  const runtime = childRuntime(place);
  const shared = new SharingRuntime(runtime);
  const { width, height } = checkpoint.family.size;
  const model = files.models[0]!.grid;
  const full = trialCell(model, width, height);
  try {
    let rates = await readRates(runtime);
    const known = rates.get(full.key);
    if (known !== undefined || !measure) return known;
    const context = { files, fits: new AdapterFits(files), runtime, shared, signal };
    const half = trialCell(model, width / 2, height / 2);
    const start = performance.now();
    rates = await calibrate([half.cell], rates, context, note);
    const small = rates.get(half.key);
    if (small === undefined) return undefined;
    const spent = (performance.now() - start) / 1000;
    // four times the pixels, two steps and a decoding
    const wouldTake = 4 * (2 * small.call + small.decode);
    if (spent + wouldTake <= CALIBRATION_SECONDS) rates = await calibrate([full.cell], rates, context, note);
    await writeRates(runtime, rates);
    return rates.get(full.key) ?? { call: 4 * small.call, decode: 4 * small.decode };
  } finally {
    await shared.dispose();
  }
}

interface OwnedFile {
  readonly name: string;
  readonly given: GivenFile;
}

async function ownedFiles(folders: ModelFolders, signal: AbortSignal): Promise<readonly OwnedFile[]> {
  const owned: OwnedFile[] = [];
  for (const { name, path } of (await listModels(folders, "lora", signal)).slice(0, MAX_LOOKED_AT)) {
    try {
      const source = await openFile(path);
      const recognised = await recogniseFile(source, signal);
      if (recognised.kind !== "adapter" || recognised.file === undefined) continue;
      const given = givenFile(source, recognised, await parseAdapter(source.name, recognised.file, signal));
      if (given !== undefined) owned.push({ name, given });
    } catch (error) {
      if (signal.aborted) throw error;
      // a damaged file among many is not what was asked about
    }
  }
  return owned;
}

function described(
  { variant, networkCalls, reasons, cautions }: Recommendation,
  model: string,
  rate: Rate | undefined,
  owned: readonly OwnedFile[],
): ModelRecommendation {
  const mine = owned.find(({ given }) => given.recognition.candidates[0]?.variant === variant);
  const [published] = variant.files;
  const file = mine?.name ?? published?.name ?? variant.name;
  const flag = { lora: ` --lora "${file}"`, unet: ` --unet "${file}"`, checkpoint: "" }[variant.form];
  const checkpoint = variant.form === "checkpoint" ? file : model;
  return {
    accelerator: variant.name,
    variant: variantId(variant),
    title: variant.title,
    networkCalls,
    ...(rate === undefined ? {} : { seconds: round(networkCalls * rate.call + rate.decode) }),
    licence: variant.licence.name,
    commercial: variant.licence.commercial,
    ...(mine === undefined ? {} : { file: mine.name }),
    published: [...new Set(variant.files.map(({ repository }) => repository))],
    reasons,
    cautions,
    command: `fewstep generate "a prompt" --model "${checkpoint}"${flag} --accelerator ${variant.name}`,
  };
}

const round = (seconds: number) => Math.round(seconds * 100) / 100;
