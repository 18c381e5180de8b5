// A request and the facts of its files -> the grid: every combination of the axes as a cell, and a reference for each model, size, prompt
// and seed. Pure: needs no weights, and the same input gives the same hashes everywhere.
import { FewstepError } from "../errors.js";
import { accelerate } from "../generate/accelerate.js";
import type { GenerateRequest } from "../generate/request.js";
import { resolveSampler, resolveSchedule } from "../sampling/names.js";
import { type AcceleratorChoice, acceleratorChoices, NO_ACCELERATOR } from "./accelerator-choices.js";
import { buildCell, emptyCell } from "./build-cell.js";
import type { Cell, Grid } from "./cell.js";
import { type CellTexts, cellTexts } from "./cell-texts.js";
import { type CompareRequest, MAX_CELLS } from "./compare-request.js";
import { type GridFiles, type GridLora, type GridModel, styleLoras } from "./grid-files.js";
import { fullRun, REFERENCE_DEFAULTS, referenceCell } from "./reference-cell.js";

/** An axis without values has one: what the accelerator's publisher says. */
const open = <T>(values: readonly T[] | undefined): readonly (T | undefined)[] => values ?? [undefined];

/**
 * @throws FewstepError `too-many-cells`, `unknown-accelerator`, `unknown-sampler`, `unsupported-sampler`, `unknown-schedule`, `bad-size`,
 * and the codes of cellTexts
 */
export function planGrid(request: CompareRequest, files: GridFiles): Grid {
  checkCount(request, files);
  const cells: Cell[] = [];
  const references = new Map<string, Cell>();
  const used = new Set<GridLora>();
  for (const model of files.models) {
    const styles = styleLoras(files.loras, model);
    for (const style of styles) used.add(style);
    for (const size of open(request.sizes)) {
      for (const place of configurations(request, model, files)) {
        for (const prompt of request.prompts) {
          for (const seed of request.seeds ?? [0]) {
            const base = baseRequest(request, model, size, cellTexts(request, files, prompt, seed), seed);
            const reference = referenceFor(request, model, base, styles, references);
            const cell = candidate(place, { model, base, styles, reference: reference?.id });
            if (place.choice.kind === "variant" && place.choice.lora !== undefined) used.add(place.choice.lora);
            cells.push(cell);
          }
        }
      }
    }
  }
  const unused = files.loras.filter((lora) => !used.has(lora)).map(({ name }) => `${name} is used by no cell`);
  return { title: request.title ?? "", cells: [...cells, ...references.values()], notes: unused };
}

interface Place {
  readonly choice: AcceleratorChoice;
  readonly strength: number | undefined;
  readonly steps: number | undefined;
  readonly cfg: number | undefined;
  readonly sampler: string | undefined;
  readonly schedule: string | undefined;
}

/** Every combination of the axes that make a configuration; the accelerator's first. */
function configurations(request: CompareRequest, model: GridModel, files: GridFiles): readonly Place[] {
  const places: Place[] = [];
  for (const accelerator of request.accelerators ?? defaultAccelerators(files, model)) {
    for (const strength of open(request.strengths)) {
      for (const steps of open(request.steps)) {
        for (const choice of acceleratorChoices(accelerator, steps, model, files)) {
          // without a LoRA there is nothing to be stronger or weaker
          const adjustable = choice.kind === "variant" && choice.lora !== undefined;
          if (!adjustable && strength !== open(request.strengths)[0]) continue;
          for (const cfg of open(request.cfg)) {
            for (const sampler of open(request.samplers)) {
              for (const schedule of open(request.schedules)) {
                places.push({ choice, strength, steps, cfg, sampler, schedule });
              }
            }
          }
        }
      }
    }
  }
  return places;
}

/** What the files given are; a model without any is looked at as it is. */
function defaultAccelerators({ loras }: GridFiles, { given }: GridModel): readonly string[] {
  const stated = loras.flatMap(({ is, given: file }) => {
    if (is !== undefined) return is === "style" ? [] : [is];
    return file?.recognition.candidates.slice(0, 1).map(({ variant }) => variant.name) ?? [];
  });
  const own = given?.recognition.candidates.slice(0, 1).map(({ variant }) => variant.name) ?? [];
  const names = [...new Set([...stated, ...own])];
  return names.length === 0 ? [NO_ACCELERATOR] : names;
}

function baseRequest(
  { clipSkip }: CompareRequest,
  model: GridModel,
  size: string | undefined,
  texts: CellTexts,
  seed: number | string,
): GenerateRequest {
  const [width, height] = size?.split("x").map(Number) ?? [];
  return {
    ...texts,
    width: width ?? model.facts.family.size.width,
    height: height ?? model.facts.family.size.height,
    seeds: [String(seed)],
    ...(clipSkip === undefined ? {} : { clipSkip }),
  };
}

/** A checkpoint that is itself an accelerator has no many-step run worth measuring against. */
function referenceFor(
  { reference }: CompareRequest,
  model: GridModel,
  base: GenerateRequest,
  styles: readonly GridLora[],
  known: Map<string, Cell>,
): Cell | undefined {
  if (reference === false || model.given?.recognition.decidedBy !== undefined) return undefined;
  const cell = referenceCell(model, base, styles, reference);
  known.set(cell.id, known.get(cell.id) ?? cell);
  return cell;
}

function candidate(
  { choice, strength, steps, cfg, sampler, schedule }: Place,
  {
    model,
    base,
    styles,
    reference,
  }: { model: GridModel; base: GenerateRequest; styles: readonly GridLora[]; reference: string | undefined },
): Cell {
  const shared = { model, styles, role: "candidate" as const, ...(reference === undefined ? {} : { reference }) };
  const family = model.facts.family.id;
  const asked: GenerateRequest = {
    ...base,
    ...(cfg === undefined ? {} : { guidance: cfg }),
    sampling: {
      ...(steps === undefined ? {} : { steps }),
      ...(sampler === undefined ? {} : resolveSampler(sampler, "fewstep", family)),
      ...(schedule === undefined ? {} : { schedule: resolveSchedule(schedule, "fewstep", family) }),
    },
  };
  if (choice.kind === "none") {
    const wanted = {
      ...REFERENCE_DEFAULTS,
      ...(steps === undefined ? {} : { steps }),
      ...(cfg === undefined ? {} : { cfg }),
    };
    const filled = fullRun(base, family, wanted);
    // a sampler asked for brings its own schedule, unless one is asked for too
    const sampling =
      sampler === undefined ? { ...filled.sampling, ...asked.sampling } : { ...asked.sampling, steps: wanted.steps };
    return buildCell({ ...shared, request: { ...filled, sampling }, accelerator: choice.label });
  }
  if (choice.kind === "variant") {
    const { variant, lora, label } = choice;
    const filled = accelerate(variant, asked, strength);
    return buildCell({
      ...shared,
      request: filled.request,
      accelerator: label,
      variant,
      strength: lora === undefined ? 1 : filled.loraStrength,
      ...(lora === undefined ? {} : { lora }),
    });
  }
  const { prompt, negative = "", seeds, width, height } = base;
  return emptyCell(
    {
      model: model.name,
      accelerator: choice.label,
      strength: strength ?? 1,
      steps: steps ?? 0,
      cfg: cfg ?? 1,
      sampler: sampler ?? "",
      schedule: schedule ?? "",
      size: `${width}x${height}`,
      prompt,
      negative,
      seed: String(seeds![0]),
    },
    choice.empty,
  );
}

function checkCount(request: CompareRequest, { models }: GridFiles): void {
  const { accelerators, steps, strengths, cfg, samplers, schedules, sizes, prompts, seeds } = request;
  const axes = [models, accelerators, steps, strengths, cfg, samplers, schedules, sizes, prompts, seeds];
  const count = axes.reduce((product, values) => product * (values?.length ?? 1), 1);
  if (count <= MAX_CELLS) return;
  throw new FewstepError({
    code: "too-many-cells",
    message: "the grid is too large",
    found: `${count} pictures`,
    expected: `at most ${MAX_CELLS}`,
    hint: "take values from an axis, or compare in several folders",
  });
}
