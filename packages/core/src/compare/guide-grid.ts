// The guide's nine runs as a grid: each as it was made, as its publisher makes it, and beside a many-step reference. A run whose base or
// LoRA is not given stays in its place, empty, with the reason.
import type { AcceleratorVariant } from "../accelerators/accelerator.js";
import { applyAccelerator } from "../accelerators/apply.js";
import { type Preset, presetRun, presets } from "../accelerators/presets.js";
import { families } from "../families/family.js";
import type { GenerateRequest } from "../generate/request.js";
import { acceleratorChoices } from "./accelerator-choices.js";
import { buildCell, emptyCell } from "./build-cell.js";
import type { Cell, EmptyReason, Grid } from "./cell.js";
import { cellTexts } from "./cell-texts.js";
import type { CompareRequest } from "./compare-request.js";
import { contentHash } from "./content-hash.js";
import { type GridFiles, type GridLora, type GridModel, styleLoras } from "./grid-files.js";
import { type GuideStandIn, STAND_IN_NOTES } from "./guide-stand-in.js";
import { referenceCell } from "./reference-cell.js";

/** Fields of a request that the guide leaves to the user. Default seed 0, the family's size, the guide's own prompts. */
export type GuideRequest = Pick<
  CompareRequest,
  "seeds" | "sizes" | "reference" | "negative" | "clipSkip" | "choices" | "wildcards"
> & {
  readonly prompts?: CompareRequest["prompts"];
  /** The only model given stands for every base. */
  readonly standIn?: GuideStandIn;
};

const PAIRED_BY_SEED =
  'the guide\'s two prompts differ by the words "anime style" alone: its runs are paired by seed, each beside the reference of its own prompt';

export function planGuide(request: GuideRequest, files: GridFiles): Grid {
  const references = new Map<string, Cell>();
  const cells = presets.flatMap((preset) => {
    const prompts = request.prompts ?? [preset.prompt];
    return prompts.flatMap((asked) =>
      (request.seeds ?? [0]).flatMap((seed) => {
        const texts = cellTexts(request, files, asked, seed);
        return runCells(preset, { ...texts, seed: String(seed) }, request, files, references);
      }),
    );
  });
  return {
    title: "The guide's nine runs",
    cells: [...cells, ...references.values()],
    notes: [
      ...(request.standIn === undefined ? [] : STAND_IN_NOTES),
      ...(request.prompts === undefined ? [PAIRED_BY_SEED] : []),
    ],
  };
}

interface Unit {
  readonly prompt: string;
  readonly negative?: string;
  readonly seed: string;
}

type PresetWay = NonNullable<Cell["preset"]>["as"];

const WAYS = ["guide", "publisher"] as const satisfies readonly PresetWay[];

/** What a run is made with, or why it is not. */
type Cast = Published | { readonly model: string; readonly empty: EmptyReason };

interface Published {
  readonly model: GridModel;
  readonly lora?: GridLora;
  readonly variant: AcceleratorVariant;
  /** What a cell calls it. */
  readonly accelerator: string;
  readonly run: Pick<GenerateRequest, "guidance" | "sampling">;
  readonly strength: number;
}

/** As the guide made it, and as its publisher does. */
function runCells(
  preset: Preset,
  { prompt, negative, seed }: Unit,
  request: GuideRequest,
  files: GridFiles,
  references: Map<string, Cell>,
): readonly Cell[] {
  const { standIn } = request;
  const cast = standIn === undefined ? castFor(preset, files) : castOf(preset, standIn, files);
  const [width, height] = request.sizes?.[0]?.split("x").map(Number) ?? [];
  const size = standIn?.size ?? families[preset.base].size;
  const base: GenerateRequest = {
    prompt,
    width: width ?? size.width,
    height: height ?? size.height,
    seeds: [seed],
    ...(negative === undefined ? {} : { negative }),
    ...(request.clipSkip === undefined ? {} : { clipSkip: request.clipSkip }),
  };
  if ("empty" in cast) return WAYS.map((as) => missing(preset, as, base, cast.model, cast.empty));
  const { model, lora, variant, accelerator } = cast;
  const styles = styleLoras(files.loras, model);
  const reference = request.reference === false ? undefined : referenceCell(model, base, styles, request.reference);
  if (reference !== undefined) references.set(reference.id, references.get(reference.id) ?? reference);
  const asMade = presetRun(preset);
  const { guidance, noise: _noise, ...sampling } = asMade.sampling;
  const runs: Readonly<Record<PresetWay, Pick<Published, "run" | "strength">>> = {
    guide: { run: { ...(guidance === undefined ? {} : { guidance }), sampling }, strength: asMade.strength },
    publisher: cast,
  };
  return WAYS.map((as) =>
    buildCell({
      model,
      request: { ...base, ...runs[as].run },
      accelerator,
      strength: runs[as].strength,
      styles,
      role: "candidate",
      preset: { name: preset.name, as },
      // how a stand-in is meant to be run is not what was published of the files it stands for
      ...(standIn !== undefined && as === "publisher" ? {} : { variant }),
      ...(standIn === undefined ? {} : { inPlaceOf: preset.base }),
      ...(lora === undefined ? {} : { lora }),
      ...(reference === undefined ? {} : { reference: reference.id }),
      ...(request.prompts === undefined ? { pair: contentHash({ guide: seed, negative: negative ?? "" }) } : {}),
    }),
  );
}

/** From the files of the guide's kinds. */
function castFor(preset: Preset, files: GridFiles): Cast {
  const model = modelFor(preset, files.models);
  if (model === undefined) {
    const reason = `no ${families[preset.base].title} model is given; the guide used ${preset.checkpoint}`;
    return { model: preset.checkpoint, empty: { code: "guide-base-missing", reason } };
  }
  const [choice] = acceleratorChoices(preset.accelerator, undefined, model, files);
  if (choice?.kind !== "variant") {
    const empty = choice?.kind === "empty" ? choice.empty : { code: "guide-lora-missing", reason: "no file is it" };
    return { model: model.name, empty };
  }
  const { variant, lora } = choice;
  const { sampling: published, loraStrength } = applyAccelerator(variant);
  const { guidance, noise: _noise, ...sampling } = published;
  return {
    model,
    variant,
    accelerator: preset.accelerator,
    run: { ...(guidance === undefined ? {} : { guidance }), sampling },
    strength: loraStrength,
    ...(lora === undefined ? {} : { lora }),
  };
}

/** From the stand-in's LoRA of the method. */
function castOf(preset: Preset, { published }: GuideStandIn, { models, loras }: GridFiles): Cast {
  const model = models[0]!;
  const { variant } = presetRun(preset);
  const accelerator = variant.accelerator;
  const lora = loras.find(({ is }) => is === accelerator);
  const run = published[accelerator];
  if (lora === undefined || run === undefined) {
    const reason = `there is no ${accelerator} LoRA of ${model.name}`;
    return { model: model.name, empty: { code: "guide-lora-missing", reason } };
  }
  return { model, lora, variant, accelerator, run, strength: 1 };
}

/** Of the models of its family, the one the guide used if its name says so, else the first. */
function modelFor({ base, checkpoint }: Preset, models: readonly GridModel[]): GridModel | undefined {
  const fitting = models.filter(({ facts }) => facts.family.id === base);
  const folded = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  return fitting.find(({ name }) => folded(name).includes(folded(checkpoint))) ?? fitting[0];
}

function missing(
  preset: Preset,
  as: PresetWay,
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
