// One run of `fewstep replay`: the picture's plan and files, checked before anything is computed; the picture made again; the two compared.
import {
  encodePng,
  FewstepError,
  type GeneratePlan,
  maskFromGrey,
  Pipeline,
  type Pixels,
  planGenerate,
  requestOfSettings,
  type UsedLora,
} from "@fewstep/core";
import {
  childRuntime,
  exists,
  type ModelFolders,
  modelFolders,
  outputExists,
  planFacts,
  writeFileAtomically,
} from "@fewstep/core/node";
import type { Output } from "../output.js";
import { checkMemory } from "../run/check-memory.js";
import { deviceLine } from "../run/device-line.js";
import { adaptersOf, openRun, type RunFiles, type RunLora } from "../run/open-run.js";
import { createProgress } from "../run/progress.js";
import { promptEmbeddings } from "../run/prompt-embeddings.js";
import { readPicture } from "../run/read-picture.js";
import { readSettings } from "../settings.js";
import { VERSION } from "../version.js";
import { asCodedLike } from "./as-coded.js";
import { findInputs, type InputCheck, type ReplayFiles } from "./find-inputs.js";
import { type PictureOrigin, pictureOrigin } from "./picture-origin.js";
import { differenceText, pixelDifference, type Verdict, verdictOf } from "./pixel-difference.js";
import type { ReplayOptions } from "./replay-options.js";

export async function replayRun(
  path: string,
  options: ReplayOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  if (options.out !== undefined && options.force !== true && (await exists(options.out)))
    throw outputExists(options.out);
  const origin = await pictureOrigin(path, signal);
  const folders = modelFolders(await readSettings());
  const { files, checks } = await findInputs(origin.settings, options, folders, signal);
  for (const check of checks) output.note(checkText(check));
  if (options.anyway !== true) requireSame(checks);
  const opened = await openRun({ ...files, count: 1 }, folders, signal);
  const found = { ...opened, loras: opened.loras.map((lora, i) => withBlocks(lora, origin.settings.loras?.[i])) };
  const { plan, picture, unknown } = planOf(origin, found, options);
  const { embeddings, notes } = await embeddingsOf(origin, plan, found, folders, signal);
  const run = { ...found, embeddings };
  for (const note of notes) output.note(note);
  for (const line of unknown) output.note(`not known: ${line}`);
  await checkMemory(run, [{ plan, loras: run.loras }], {});
  const pixels = await pixelsOf(plan, picture, run, files, options, signal);
  if (options.out !== undefined) {
    const png = await encodePng(pixels, { signal });
    await writeFileAtomically(options.out, png, { replace: options.force === true, signal });
  }
  const held = await asCodedLike(origin, pixels, signal);
  const difference = pixelDifference(origin.pixels, held.pixels);
  const verdict = verdictOf(difference, held.loss);
  const words: Readonly<Record<Verdict, string>> = {
    same: "the same picture",
    rounding: "the same picture but for rounding",
    coding: `the same picture as far as a ${origin.format} file holds it`,
    different: "another picture",
  };
  output.result(`${words[verdict]}: ${differenceText(difference)}`, {
    verdict,
    ...difference,
    tool: origin.tool,
    inputs: checks,
    unknown,
    ...(options.out === undefined ? {} : { path: options.out }),
  });
  if (verdict === "different") throw different(origin, checks, unknown, differenceText(difference));
}

/** fewstep and A1111 list a picture's textual inversions; of other tools' pictures its texts alone name them. */
async function embeddingsOf(
  { tool }: PictureOrigin,
  { prompt, prompt2, negative = "", negative2 = "", grammar }: GeneratePlan,
  { checkpoint, embeddings }: RunFiles,
  folders: ModelFolders,
  signal: AbortSignal,
): ReturnType<typeof promptEmbeddings> {
  if (tool === "fewstep" || tool === "a1111") return { embeddings, notes: [] };
  const texts = [prompt, prompt2, negative, negative2];
  return promptEmbeddings(texts, { checkpoint, folders, given: embeddings, grammar, signal });
}

/** Factors of blocks by the canonical names that a picture keeps. */
function withBlocks(lora: RunLora, used: UsedLora | undefined): RunLora {
  if (used?.blocks === undefined) return lora;
  return { ...lora, blocks: Object.fromEntries(used.blocks.map(({ block, factor }) => [block, factor])) };
}

interface PlannedReplay {
  readonly plan: GeneratePlan;
  /** Which picture of the plan's batch it is. */
  readonly picture: number;
  readonly unknown: readonly string[];
}

/** fewstep's own plan, or what another tool's words come to. */
function planOf(
  { plan: stored, settings, tool }: PictureOrigin,
  { checkpoint }: RunFiles,
  options: ReplayOptions,
): PlannedReplay {
  if (stored !== undefined && options.like === undefined) {
    const { picture = 0, ...plan } = stored;
    return { plan, picture, unknown: [] };
  }
  const { like, stepSource } = options;
  const habits = { ...(like && { like }), ...(stepSource && { stepSource }) };
  const { request, unknown } = requestOfSettings(settings, tool, checkpoint.family.id, habits);
  return { plan: planGenerate(planFacts(checkpoint), request), picture: 0, unknown };
}

async function pixelsOf(
  plan: GeneratePlan,
  picture: number,
  run: RunFiles,
  { init, mask }: ReplayFiles,
  { device = "cpu", threads }: ReplayOptions,
  signal: AbortSignal,
): Promise<Pixels> {
  const pictures = {
    ...(plan.init === undefined || init === undefined ? {} : { init: await readPicture(init, signal) }),
    ...(plan.mask === undefined || mask === undefined ? {} : { mask: maskFromGrey(await readPicture(mask, signal)) }),
  };
  const runtime = childRuntime({ device, ...(threads === undefined ? {} : { threads }) });
  const steps = plan.sampling.rows.length + (plan.hires?.sampling.rows.length ?? 0);
  const progress = createProgress(process.stderr, steps);
  const { checkpoint, taesd, loras, embeddings } = run;
  const pipeline = new Pipeline({
    checkpoint,
    runtime,
    adapters: adaptersOf(loras),
    casts: "late",
    ...(taesd && { taesd }),
    embeddings: new Map(embeddings.map(({ name, vectors }) => [name, vectors])),
  });
  try {
    for await (const event of pipeline.generate(plan, signal, pictures)) {
      if (event.kind === "loading") progress.stage(`loading the ${event.stage}`);
      if (event.kind === "step") progress.step({ ...event, done: event.index + 1, title: "again" });
      if (event.kind === "picture" && event.picture === picture) {
        progress.end();
        progress.line(deviceLine(runtime));
        return event.result.pixels;
      }
    }
    throw new RangeError(`the plan has no picture ${picture}`);
  } finally {
    progress.end();
    await pipeline.dispose();
    await runtime.dispose();
  }
}

function checkText({ role, name, path, state, recorded, found }: InputCheck): string {
  const file = `${role} ${name}: ${path}`;
  if (state === "same") return `${file}, the same file (${recorded})`;
  return state === "other"
    ? `${file} is another file: ${found} instead of ${recorded}`
    : `${file}, not proven by a hash`;
}

/** @throws FewstepError `replay-input-differs` (exit 1) */
function requireSame(checks: readonly InputCheck[]): void {
  const others = checks.filter(({ state }) => state === "other");
  if (others.length === 0) return;
  throw new FewstepError({
    code: "replay-input-differs",
    kind: "failed",
    message: "the picture was made with other files",
    found: others.map(checkText).join("; "),
    expected: others.map(({ role, name, recorded }) => `${role} ${name} with hash ${recorded}`).join(", "),
    hint: "give the right files, or --anyway to see what these make",
  });
}

function different(
  { tool, settings }: PictureOrigin,
  checks: readonly InputCheck[],
  unknown: readonly string[],
  found: string,
): FewstepError {
  const suspects = [
    ...checks.filter(({ state }) => state === "other").map(({ role, name }) => `${role} ${name} is another file`),
    ...checks.filter(({ state }) => state === "unsaid").map(({ role, name }) => `${role} ${name} may be another file`),
    ...(settings.version === `fewstep ${VERSION}`
      ? []
      : [`made by ${settings.version ?? tool}, not by fewstep ${VERSION}`]),
    ...unknown,
  ];
  return new FewstepError({
    code: "replay-differs",
    kind: "failed",
    message: "the picture comes out otherwise",
    found,
    hint:
      suspects.length === 0
        ? "its files and its plan are the same: another device or version of ONNX Runtime may have made it, or it was edited"
        : `what differs or is not known: ${suspects.join("; ")}`,
  });
}
