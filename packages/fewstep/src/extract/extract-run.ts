// One run of `fewstep extract`: two checkpoints opened, the LoRA between them written, and how much of the difference it holds.
import { extractLora, FewstepError, type RankWish } from "@fewstep/core";
import { childRuntime, type ExtractedLora, modelFolders, openModel } from "@fewstep/core/node";
import type { Output } from "../output.js";
import { createCountProgress } from "../run/count-progress.js";
import { findFile } from "../run/find-file.js";
import { badValue } from "../run/parse-values.js";
import { checkWeightsOutput, writeWeights } from "../run/weights-output.js";
import { readSettings } from "../settings.js";

const DEFAULT_RANK = 64;
const DEFAULT_MAX_RANK = 128;
const FAMILIES = { sd15: "sd_v1", sd21: "sd_v2", sdxl: "sdxl_base_v1-0" } as const;

export interface ExtractRunOptions {
  readonly base: string;
  readonly tuned: string;
  readonly out: string;
  readonly rank?: number;
  readonly convRank?: number;
  readonly energy?: number;
  readonly maxRank?: number;
  readonly dtype: "f16" | "bf16" | "f32";
  readonly vectors?: boolean;
  /** False: --no-text. */
  readonly text: boolean;
  readonly threads?: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** @throws FewstepError `bad-option`, and the codes of checkWeightsOutput, openModel, extractLora and writeWeights */
export async function extractRun(options: ExtractRunOptions, output: Output, signal: AbortSignal): Promise<void> {
  const target = { out: options.out, force: options.force === true };
  await checkWeightsOutput(target);
  const wishes = wishesOf(options);
  const folders = modelFolders(await readSettings());
  const open = async (written: string) => openModel(await findFile(folders, "checkpoint", written, signal), { signal });
  const [base, tuned] = [await open(options.base), await open(options.tuned)];
  const runtime = childRuntime(options.threads === undefined ? {} : { threads: options.threads });
  const progress = createCountProgress(process.stderr, "comparing layers");
  try {
    const lora = await extractLora(base, tuned, {
      runtime,
      ...wishes,
      dtype: options.dtype,
      vectors: options.vectors === true,
      text: options.text,
      onProgress: (done, of) => progress.at(done, of),
      signal,
    });
    progress.end();
    const ranks = lora.layers.map(({ rank }) => rank);
    const bytes = await writeWeights(target, lora.tensors, metadataOf(base, tuned, lora), progress, signal);
    for (const note of notesOf(lora)) output.note(note);
    output.result(options.out, {
      path: options.out,
      bytes,
      dtype: options.dtype,
      error: lora.error,
      ranks: { least: Math.min(...ranks), most: Math.max(...ranks) },
      left: { count: lora.left.names.length, share: lora.left.share, first: lora.left.names.slice(0, 20) },
      layers: lora.layers,
    });
  } finally {
    progress.end();
    await runtime.dispose();
  }
}

function wishesOf({ rank, convRank, energy, maxRank }: ExtractRunOptions): {
  readonly rank: RankWish;
  readonly convRank?: RankWish;
} {
  const conv = convRank === undefined ? {} : { convRank: { rank: convRank } };
  if (energy === undefined) {
    if (maxRank !== undefined) throw badValue("max-rank", String(maxRank), "--energy beside it; --rank says a rank");
    return { rank: { rank: rank ?? DEFAULT_RANK }, ...conv };
  }
  if (!(energy > 0 && energy <= 1))
    throw badValue("energy", String(energy), "a share above 0 and up to 1, such as 0.95");
  if (rank !== undefined) {
    throw new FewstepError({
      code: "rank-and-energy",
      message: "a rank and an energy are two answers to one question",
      found: `--rank ${rank} and --energy ${energy}`,
      hint: "give one of them; --max-rank limits what --energy takes",
    });
  }
  return { rank: { energy, most: maxRank ?? DEFAULT_MAX_RANK }, ...conv };
}

type Model = Awaited<ReturnType<typeof openModel>>;

/** What kohya's tools read of a LoRA file, and where it comes from. */
function metadataOf(base: Model, tuned: Model, { layers, error }: ExtractedLora): Readonly<Record<string, string>> {
  const rank = String(Math.max(0, ...layers.map((layer) => layer.rank)));
  return {
    ss_network_module: "networks.lora",
    ss_network_dim: rank,
    ss_network_alpha: rank,
    ss_base_model_version: FAMILIES[base.family.id],
    ss_sd_model_name: base.name,
    "fewstep.extracted": JSON.stringify({ base: base.name, tuned: tuned.name, error }),
  };
}

function notesOf({ layers, error, left }: ExtractedLora): readonly string[] {
  const ranks = layers.map(({ rank }) => rank);
  const [least, most] = [Math.min(...ranks), Math.max(...ranks)];
  const worst = layers.toSorted((a, b) => b.error * b.size - a.error * a.size).slice(0, 3);
  return [
    `${layers.length} layers of rank ${least === most ? least : `${least} to ${most}`}; the error left is ${percent(error)} of the difference`,
    ...(worst.length === 0 || error < 1e-4
      ? []
      : [`most of it in ${worst.map((layer) => `${layer.name} (${percent(layer.error)} of its own)`).join(", ")}`]),
    ...(left.names.length === 0
      ? []
      : [
          `${left.names.length} biases, norms or tables differ and are not in it: ${percent(left.share)} of the difference's squares`,
        ]),
  ];
}

const percent = (share: number): string => `${(100 * share).toPrecision(3)} %`;
