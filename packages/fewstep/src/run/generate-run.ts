// One run of `fewstep generate`: everything that can be wrong is checked first, then the networks are loaded once, and picture after picture
// is made. What happens to the events of a prompt is make-pictures.ts.
import { extname } from "node:path";
import { checkForms, FewstepError, type Finding, type GeneratePlan, Pipeline, type WritableTool } from "@fewstep/core";
import { childRuntime, modelFolders } from "@fewstep/core/node";
import type { Output } from "../output.js";
import { readSettings } from "../settings.js";
import { checkMemory } from "./check-memory.js";
import { deviceLine } from "./device-line.js";
import { withEmbeddedModel } from "./embedded-model.js";
import { explainNotFinite } from "./explain-not-finite.js";
import { findingText, graveFindings, requireNone, toldFindings } from "./findings.js";
import type { GenerateOptions } from "./generate-options.js";
import { makePictures } from "./make-pictures.js";
import { noiseOf } from "./noise-options.js";
import { adaptersOf, fileNotes, openRun, type RunFiles } from "./open-run.js";
import { checkFormatSize, formatOfEnding, type OutputFormat, openFormat } from "./output-format.js";
import { checkOutputs, freeOut, outputNames } from "./output-names.js";
import { randomSeed } from "./parse-values.js";
import { type PictureRequest, pictureRequest } from "./picture-request.js";
import { pictureTexts } from "./picture-texts.js";
import { withPreset } from "./preset-option.js";
import { createProgress } from "./progress.js";
import { promptChooser } from "./prompt-choices.js";
import { type PromptRun, planPrompt } from "./prompt-run.js";
import { checkedPrompt, readPrompts } from "./read-prompts.js";
import { seedsOf } from "./request-options.js";
import { type BesideFiles, RunHashes } from "./run-hashes.js";
import { withSaved } from "./saved-defaults.js";

export async function generateRun(
  argument: string | undefined,
  given: GenerateOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const settings = await readSettings();
  const preset = withPreset(argument, given);
  const { promptsFile } = preset.options;
  const prompts = await readPrompts(promptsFile === undefined ? preset.prompt : argument, promptsFile, signal);
  const { options, note: embedded } = await withEmbeddedModel(withSaved(preset.options, settings), prompts);
  for (const text of [options.negative, options.prompt2, options.negative2]) checkedPrompt(text ?? "");
  const firstSeed = options.seed ?? randomSeed();
  const seeds = seedsOf(options, firstSeed);
  const subseeds = noiseOf(options, firstSeed, options.count)?.subseeds;
  const checks = { force: options.force === true, previews: options.preview === true };
  const named = { prompts: prompts.length, seeds, ...(subseeds && { subseeds }) };
  const out = options.out ?? (await freeOut(named, checks));
  const names = outputNames({ out, ...named });
  await checkOutputs(names, checks);
  const format = await openFormat(formatOfEnding(extname(out))!, options.quality);
  const folders = modelFolders(settings);
  const files = await openRun(options, folders, signal);
  const pictures = await pictureRequest(options, files.checkpoint.family.id, signal);
  requireDecoder(files);
  const notes = new Set([...(embedded === undefined ? [] : [embedded]), ...fileNotes(files)]);
  const grave = new Map<string, Finding>();
  const runs: PromptRun[] = [];
  const choose = await promptChooser(options, signal);
  for (const [index, one] of prompts.entries()) {
    for (const { prompt: text, options: own, firstSeed: first, pictures: which } of choose(one, firstSeed)) {
      const planned = await planPrompt(text, first, { files, options: own, pictures, folders, signal });
      const { notes: said, findings, accelerators: _accelerators, ...run } = planned;
      for (const note of [...said, ...fileNotes({ ...files, loras: run.loras })]) notes.add(note);
      for (const finding of toldFindings(findings)) notes.add(findingText(finding));
      for (const finding of graveFindings(findings)) grave.set(finding.code, finding);
      checkFormatSize(format.format, run.plan.hires ?? run.plan);
      runs.push({ ...run, names: which.map((picture) => names[index]![picture]!) });
    }
  }
  checkMetadata(runs, options.metadata);
  for (const note of notes) output.note(note);
  if (options.strict === true)
    requireNone([...grave.values()], true, "fewstep lint with the same options says why, and what to do");
  await checkMemory(files, runs, options);
  await runAll(runs, { files, options, format, pictures, output, signal });
}

/** Said before anything is computed. @throws FewstepError `metadata-forms`, `comfyui-settings` */
function checkMetadata(runs: readonly PromptRun[], forms: readonly WritableTool[] | undefined): void {
  if (forms === undefined) return;
  checkForms(forms);
  for (const { plan } of runs) pictureTexts(plan, 0, { model: "model", loras: [] }, forms);
}

function besideOf({ taesd, init, mask }: GenerateOptions): BesideFiles {
  return { ...(taesd && { taesd }), ...(init && { init }), ...(mask && { mask }) };
}

interface RunContext {
  readonly files: RunFiles;
  readonly options: GenerateOptions;
  readonly format: OutputFormat;
  readonly pictures: PictureRequest;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** How LoRAs act on the network: by how often it is called, folded into the weights, or beside them. */
const ADAPTER_FORMS = { auto: undefined, always: "folded", never: "branches" } as const;

async function runAll(
  runs: readonly PromptRun[],
  { files, options, format, pictures, output, signal }: RunContext,
): Promise<void> {
  const { device = "cpu", threads, fold = "auto" } = options;
  const adapterForm = ADAPTER_FORMS[fold];
  const runtime = childRuntime({ device, ...(threads === undefined ? {} : { threads }) });
  runtime.start();
  const hashes = new RunHashes(signal, output.note);
  const steps = runs.reduce((sum, { plan, names }) => sum + stepsOf(plan) * names.length, 0);
  const progress = createProgress(process.stderr, steps);
  const announce = once(() => progress.line(deviceLine(runtime)));
  // of one picture every network is called for once: each goes before the next, for less memory
  const single = runs.reduce((sum, { names }) => sum + names.length, 0) === 1;
  let held: { readonly key: string; readonly pipeline: Pipeline } | undefined;
  try {
    for (const run of runs) {
      const adapters = adaptersOf(run.loras);
      // prompts with the same LoRAs and embeddings share the loaded networks
      const key = JSON.stringify([
        run.loras.map(({ opened, ...strengths }) => [opened.source.path, strengths]),
        run.embeddings.map(({ name, source }) => [name, source.path]),
      ]);
      if (held?.key !== key) {
        await held?.pipeline.dispose();
        const pipeline = new Pipeline({
          checkpoint: files.checkpoint,
          runtime,
          adapters,
          embeddings: new Map(run.embeddings.map(({ name, vectors }) => [name, vectors])),
          casts: options.memory === "fast" ? "early" : "late",
          ...(single ? { keep: "one" } : {}),
          ...(adapterForm && { adapterForm }),
          ...(files.taesd && { taesd: files.taesd }),
          ...(options.preview ? { previews: files.taesd === undefined ? "latents" : "taesd" } : {}),
        });
        held = { key, pipeline };
      }
      const context = {
        run,
        pictures: {
          ...(pictures.init && { init: pictures.init.picture }),
          ...(pictures.mask && { mask: pictures.mask.mask }),
        },
        files,
        format,
        hashes,
        beside: besideOf(options),
        forms: options.metadata,
        progress,
        output,
        runtime,
        announce,
        replace: options.force === true,
        signal,
      };
      await makePictures(held.pipeline, context);
    }
  } catch (error) {
    progress.end();
    const loras = runs.flatMap((run) => run.loras);
    throw await explainNotFinite(error, files, loras, process.stderr, signal);
  } finally {
    progress.end();
    hashes.dispose();
    runtime.abandon();
  }
}

/** Of a picture, over both passes. */
function stepsOf({ sampling, hires }: GeneratePlan): number {
  return sampling.rows.length + (hires?.sampling.rows.length ?? 0);
}

/** Said before the steps are made, not after. @throws FewstepError `vae-missing` */
function requireDecoder({ checkpoint, taesd }: RunFiles): void {
  if (checkpoint.vae !== undefined || taesd !== undefined) return;
  throw new FewstepError({
    code: "vae-missing",
    message: `${checkpoint.name} has no VAE`,
    expected: "a VAE to turn latents into a picture",
    hint: "give one with --vae FILE, or a TAESD with --taesd FILE",
  });
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
