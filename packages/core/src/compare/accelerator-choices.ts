// A value of the accelerator axis -> what it means for one model: a variant with its file, or the reason why there is none.
// A family's name (lightning) means the file made for the number of steps asked for, or every file given where none is.
import type { AcceleratorVariant } from "../accelerators/accelerator.js";
import { acceleratorVariants } from "../accelerators/accelerators.js";
import { acceleratorNames, resolveAccelerator } from "../accelerators/resolve.js";
import { FewstepError } from "../errors.js";
import { type FamilyId, families } from "../families/family.js";
import type { EmptyReason } from "./cell.js";
import { type GridFiles, type GridLora, type GridModel, givenLora } from "./grid-files.js";

export const NO_ACCELERATOR = "none";

export type AcceleratorChoice =
  | { readonly label: string; readonly kind: "none" }
  | { readonly label: string; readonly kind: "variant"; readonly variant: AcceleratorVariant; readonly lora?: GridLora }
  | { readonly label: string; readonly kind: "empty"; readonly empty: EmptyReason };

/** @throws FewstepError `unknown-accelerator` */
export function acceleratorChoices(
  value: string,
  steps: number | undefined,
  model: GridModel,
  { loras }: GridFiles,
): readonly AcceleratorChoice[] {
  if (value === NO_ACCELERATOR) return [{ label: value, kind: "none" }];
  const base = model.facts.family.id;
  if (acceleratorNames.includes(value)) return [resolved(value, model, loras)];
  const names = namesOfFamily(value, base, loras);
  if (names.length === 0) {
    const title = families[base].title;
    return [empty(value, "accelerator-base", `there is no ${value} for ${title}`)];
  }
  const fitting = steps === undefined ? names : names.filter(({ low, high }) => steps >= low && steps <= high);
  if (fitting.length === 0) {
    const made = names.map(({ name }) => name).join(", ");
    return [empty(value, "steps-without-file", `no ${value} file is made for ${steps} steps; there are ${made}`)];
  }
  const choices = fitting.map(({ name }) => resolved(name, model, loras));
  const usable = choices.filter(({ kind }) => kind === "variant");
  if (usable.length === 0) return choices.slice(0, 1).map((choice) => ({ ...choice, label: value }));
  // of files that all take this number of steps, the one made for it alone
  return steps === undefined ? usable : usable.slice(0, 1);
}

/** Names of a family for a base, published ones and given files', those for one number of steps first. @throws FewstepError `unknown-accelerator` */
function namesOfFamily(value: string, base: FamilyId, loras: readonly GridLora[]) {
  const given = loras.flatMap((lora) => givenLora(lora, base)?.recognition.candidates ?? []);
  const variants = [...acceleratorVariants, ...given.map(({ variant }) => variant)];
  const family = variants.filter(({ accelerator }) => accelerator === value);
  if (family.length === 0) {
    throw new FewstepError({
      code: "unknown-accelerator",
      message: "no accelerator has this name",
      found: value.slice(0, 80),
      expected: [NO_ACCELERATOR, ...new Set(acceleratorVariants.map((one) => one.accelerator)), ...acceleratorNames]
        .filter((name, i, all) => all.indexOf(name) === i)
        .join(", "),
    });
  }
  const ranges = new Map<string, { readonly name: string; readonly low: number; readonly high: number }>();
  for (const {
    base: of,
    name,
    ranges: { steps },
  } of family) {
    if (of === base) ranges.set(name, { name, low: steps[0], high: steps[1] });
  }
  return [...ranges.values()].sort((a, b) => a.high - a.low - (b.high - b.low));
}

function resolved(name: string, model: GridModel, loras: readonly GridLora[]): AcceleratorChoice {
  try {
    const base = model.facts.family.id;
    const given = loras.flatMap((lora) => {
      if ((lora.is ?? name) !== name || (lora.family ?? base) !== base) return [];
      const file = givenLora(lora, base);
      return file === undefined ? [] : [{ lora, file }];
    });
    const files = [...given.map(({ file }) => file), ...(model.given === undefined ? [] : [model.given])];
    const { variant, file } = resolveAccelerator(name, { base, files });
    const lora = given.find((one) => one.file === file)?.lora;
    return { label: name, kind: "variant", variant, ...(lora === undefined ? {} : { lora }) };
  } catch (error) {
    if (!(error instanceof FewstepError)) throw error;
    return empty(name, error.code, error.summary, error.hint ?? error.expected);
  }
}

function empty(label: string, code: string, reason: string, hint?: string): AcceleratorChoice {
  return { label, kind: "empty", empty: { code, reason, ...(hint === undefined ? {} : { hint }) } };
}
