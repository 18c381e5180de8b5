// The guide's nine runs as a grid: each as it was made, as its publisher makes it, and beside a many-step reference. A run whose base or
// LoRA is not given stays in its place, empty, with the reason.
import { applyAccelerator } from "../accelerators/apply.js";
import { type Preset, type PresetRun, presetRun, presets } from "../accelerators/presets.js";
import { families } from "../families/family.js";
import type { GenerateRequest } from "../generate/request.js";
import { acceleratorChoices } from "./accelerator-choices.js";
import { buildCell, emptyCell } from "./build-cell.js";
import type { Cell, EmptyReason, Grid } from "./cell.js";
import type { CompareRequest } from "./compare-request.js";
import { type GridFiles, type GridModel, styleLoras } from "./grid-files.js";
import { referenceCell } from "./reference-cell.js";

/** Fields of a request that the guide leaves to the user. Default seed 0, the family's size, the guide's own prompts. */
export type GuideRequest = Pick<CompareRequest, "seeds" | "sizes" | "reference" | "negative" | "clipSkip"> & {
  readonly prompts?: CompareRequest["prompts"];
};

export function planGuide(request: GuideRequest, files: GridFiles): Grid {
  const references = new Map<string, Cell>();
  const cells = presets.flatMap((preset) => {
    const prompts = request.prompts ?? [preset.prompt];
    return prompts.flatMap((asked) =>
      (request.seeds ?? [0]).flatMap((seed) => {
        const prompt = typeof asked === "string" ? { prompt: asked } : asked;
        return runCells(preset, { ...prompt, seed: String(seed) }, request, files, references);
      }),
    );
  });
  return { title: "The guide's nine runs", cells: [...cells, ...references.values()], notes: [] };
}

interface Unit {
  readonly prompt: string;
  readonly negative?: string;
  readonly seed: string;
}

/** As the guide made it, and as its publisher does. */
function runCells(
  preset: Preset,
  { prompt, negative, seed }: Unit,
  request: GuideRequest,
  files: GridFiles,
  references: Map<string, Cell>,
): readonly Cell[] {
  const model = modelFor(preset, files.models);
  const [width, height] = request.sizes?.[0]?.split("x").map(Number) ?? [];
  const against = negative ?? request.negative;
  const size = families[preset.base].size;
  const base: GenerateRequest = {
    prompt,
    width: width ?? size.width,
    height: height ?? size.height,
    seeds: [seed],
    ...(against === undefined ? {} : { negative: against }),
    ...(request.clipSkip === undefined ? {} : { clipSkip: request.clipSkip }),
  };
  const ways = ["guide", "publisher"] as const;
  if (model === undefined) {
    const reason = `no ${families[preset.base].title} model is given; the guide used ${preset.checkpoint}`;
    return ways.map((as) => missing(preset, as, base, preset.checkpoint, { code: "guide-base-missing", reason }));
  }
  const [choice] = acceleratorChoices(preset.accelerator, undefined, model, files);
  if (choice?.kind !== "variant") {
    const empty = choice?.kind === "empty" ? choice.empty : { code: "guide-lora-missing", reason: "no file is it" };
    return ways.map((as) => missing(preset, as, base, model.name, empty));
  }
  const styles = styleLoras(files.loras, model);
  const reference = request.reference === false ? undefined : referenceCell(model, base, styles, request.reference);
  if (reference !== undefined) references.set(reference.id, references.get(reference.id) ?? reference);
  const published = applyAccelerator(choice.variant);
  const runs: Readonly<Record<(typeof ways)[number], Pick<PresetRun, "sampling" | "strength">>> = {
    guide: presetRun(preset),
    publisher: { sampling: published.sampling, strength: published.loraStrength },
  };
  return ways.map((as) => {
    const { guidance, noise: _noise, ...sampling } = runs[as].sampling;
    return buildCell({
      model,
      request: { ...base, ...(guidance === undefined ? {} : { guidance }), sampling },
      accelerator: preset.accelerator,
      variant: choice.variant,
      strength: runs[as].strength,
      styles,
      role: "candidate",
      preset: { name: preset.name, as },
      ...(choice.lora === undefined ? {} : { lora: choice.lora }),
      ...(reference === undefined ? {} : { reference: reference.id }),
    });
  });
}

/** Of the models of its family, the one the guide used if its name says so, else the first. */
function modelFor({ base, checkpoint }: Preset, models: readonly GridModel[]): GridModel | undefined {
  const fitting = models.filter(({ facts }) => facts.family.id === base);
  const folded = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  return fitting.find(({ name }) => folded(name).includes(folded(checkpoint))) ?? fitting[0];
}

function missing(
  preset: Preset,
  as: "guide" | "publisher",
  { prompt, negative = "", seeds, width, height }: GenerateRequest,
  model: string,
  empty: EmptyReason,
): Cell {
  const { steps, cfg, sampler, scheduler = "" } = preset.settings;
  const settings = {
    model,
    accelerator: preset.accelerator,
    strength: preset.strength,
    steps,
    cfg,
    sampler,
    schedule: scheduler,
    size: `${width}x${height}`,
    prompt,
    negative,
    seed: String(seeds![0]),
  };
  return emptyCell(settings, empty, { preset: { name: preset.name, as } });
}
