// One prompt of a run: the pipeline's events to progress, previews, picture files and results.
import { rm } from "node:fs/promises";
import {
  encodePicture,
  encodePng,
  type GenerateEvent,
  type GeneratePlan,
  type PictureCoding,
  type Pipeline,
  type Pixels,
  type PromptNote,
  resize,
  type Stage,
  type WritableTool,
} from "@fewstep/core";
import { type ChildRuntime, writeFileAtomically } from "@fewstep/core/node";
import type { Output } from "../output.js";
import { exifOf } from "./exif-texts.js";
import type { RunFiles } from "./open-run.js";
import type { OutputFormat } from "./output-format.js";
import { pictureTexts, type UsedFiles } from "./picture-texts.js";
import { duration, type Progress } from "./progress.js";
import type { PromptRun } from "./prompt-run.js";
import type { BesideFiles, RunHashes } from "./run-hashes.js";

export interface PictureContext {
  readonly run: PromptRun;
  /** What the plan, being plain JSON, only speaks of. */
  readonly pictures: NonNullable<Parameters<Pipeline["generate"]>[2]>;
  readonly files: RunFiles;
  readonly format: OutputFormat;
  readonly hashes: RunHashes;
  readonly beside: BesideFiles;
  /** Other tools' forms of metadata. */
  readonly forms: readonly WritableTool[] | undefined;
  readonly progress: Progress;
  readonly output: Output;
  readonly runtime: ChildRuntime;
  /** Says what computes, the first time that it does. */
  readonly announce: () => void;
  readonly replace: boolean;
  readonly signal: AbortSignal;
}

const STAGES: Readonly<Record<Stage, string>> = {
  text: "text encoder",
  encoder: "encoder of the autoencoder",
  unet: "UNet",
  decoder: "decoder",
};

export async function makePictures(pipeline: Pipeline, context: PictureContext): Promise<void> {
  const { run, files, hashes, signal } = context;
  const previews = new Set<string>();
  let used: Promise<UsedFiles> | undefined;
  let began = performance.now();
  try {
    for await (const event of pipeline.generate(run.plan, signal, context.pictures)) {
      report(event, context);
      if (event.kind === "step" && used === undefined) {
        used = hashes.of(files, run.loras, run.embeddings, context.beside);
        // waited for with the picture; a run that fails before that has said why
        used.catch(() => {});
      }
      if (event.kind === "preview") {
        const { previewPath } = run.names[event.picture]!;
        previews.add(previewPath);
        await writePreview(previewPath, event.pixels, run, signal);
      }
      if (event.kind === "picture") {
        const { path, previewPath } = run.names[event.picture]!;
        await writePicture(path, event, await used!, context);
        if (previews.delete(previewPath)) await rm(previewPath, { force: true });
        const seconds = (performance.now() - began) / 1000;
        context.output.result(path, pictureJson(path, event.seed, seconds, await used!, context));
        began = performance.now();
      }
    }
  } finally {
    for (const path of previews) await rm(path, { force: true });
  }
}

function report(event: GenerateEvent, { run, progress, announce }: PictureContext): void {
  const title = ({ picture }: { readonly picture: number }) => `seed ${run.plan.sampling.noise.seeds[picture]}`;
  switch (event.kind) {
    case "loading":
      progress.stage(`loading the ${STAGES[event.stage]}`);
      return;
    case "loaded":
      announce();
      progress.stage(`loaded the ${STAGES[event.stage]} in ${duration(event.seconds)}`);
      return;
    case "note":
      progress.line(noteText(event.note));
      return;
    case "step":
      progress.step({
        done: event.index + 1,
        of: event.of,
        title: `${title(event)}${event.pass === 2 ? ", second pass" : ""}`,
        seconds: event.seconds,
      });
      return;
    case "decoding":
      progress.stage(`${title(event)}: decoding${event.tiles > 1 ? ` in ${event.tiles} tiles` : ""}`);
      return;
    case "preview":
      return;
    case "picture":
      progress.end();
      return;
    default:
      event satisfies never;
  }
}

function noteText(note: PromptNote): string {
  switch (note.code) {
    case "embedding-unknown":
      return `no embedding is called ${JSON.stringify(note.name)}: the prompt goes without it`;
    case "tokens-cut":
      return `the prompt is too long: its last ${note.cut} tokens were cut (${JSON.stringify(note.text)})`;
    default:
      return note satisfies never;
  }
}

/** A preview is shown at the size of the picture that it becomes: by latents it is an eighth, in the first of two passes smaller. */
async function writePreview(path: string, pixels: Pixels, { plan }: PromptRun, signal: AbortSignal): Promise<void> {
  const { width, height } = plan.hires ?? plan;
  const whole = pixels.width === width ? pixels : resize(pixels, width, height, "bilinear");
  await writeFileAtomically(path, await encodePng(whole, { signal }), { replace: true, signal });
}

async function writePicture(
  path: string,
  { picture, result: { pixels } }: Extract<GenerateEvent, { kind: "picture" }>,
  used: UsedFiles,
  { run, format, forms, output, replace, signal }: PictureContext,
): Promise<void> {
  const texts = pictureTexts(run.plan, picture, used, forms, codingOf(format));
  const coded =
    format.format === "png"
      ? await encodePicture(pixels, "png", { texts, signal })
      : await encodePicture(pixels, format.format, { ...format, ...exifOf(texts, format.format, output.note), signal });
  await writeFileAtomically(path, coded, { replace, signal });
}

function codingOf(format: OutputFormat): PictureCoding | undefined {
  return format.format === "png" ? undefined : { format: format.format, quality: format.quality };
}

/** The line of --json. Fields are only ever added. */
function pictureJson(path: string, seed: string, seconds: number, used: UsedFiles, { run, runtime }: PictureContext) {
  const { plan } = run;
  const { width, height } = plan.hires ?? plan;
  return {
    path,
    seed,
    prompt: plan.prompt,
    negative: plan.negative ?? null,
    width,
    height,
    steps: plan.sampling.rows.length,
    sampler: plan.sampling.sampler.name,
    schedule: plan.schedule ?? null,
    guidance: plan.embeddedGuidance ?? plan.sampling.rows.map(({ guidance }) => guidance),
    device: runtime.device,
    threads: runtime.threads,
    seconds: Math.round(seconds * 1000) / 1000,
    ...used,
    ...(plan.init && { init: plan.init }),
    ...(plan.mask && { mask: plan.mask }),
    ...(plan.hires && { hires: hiresJson(plan, plan.hires) }),
  };
}

/** The first pass' size, and what the second one did. */
function hiresJson(
  { width, height }: GeneratePlan,
  { sampling, strength, upscale }: NonNullable<GeneratePlan["hires"]>,
) {
  return { first: { width, height }, steps: sampling.rows.length, strength, upscale };
}
