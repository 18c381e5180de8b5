// A name a user types (`lightning-4`) -> the one variant it means for a base and the files at hand, or an error that says what is missing.
import { FewstepError } from "../errors.js";
import { type FamilyId, families } from "../families/family.js";
import type { AcceleratorForm, AcceleratorVariant } from "./accelerator.js";
import { acceleratorVariants } from "./accelerators.js";
import type { AcceleratorRecognition } from "./recognise.js";

/** A file that is given for the run, and what it was recognised as. */
export interface GivenFile {
  readonly name: string;
  readonly form: AcceleratorForm;
  readonly recognition: AcceleratorRecognition;
}

export interface ResolveOptions {
  readonly base: FamilyId;
  /** LoRAs, UNets and the checkpoint of the run. */
  readonly files: readonly GivenFile[];
}

export interface ResolvedAccelerator {
  readonly variant: AcceleratorVariant;
  /** The file that is it. */
  readonly file: GivenFile;
}

/** Every name that `resolveAccelerator` knows. */
export const acceleratorNames: readonly string[] = [...new Set(acceleratorVariants.map(({ name }) => name))];

/** Throws `unknown-accelerator`, `accelerator-base` or `accelerator-file-missing`. */
export function resolveAccelerator(name: string, { base, files }: ResolveOptions): ResolvedAccelerator {
  const found = files.flatMap((file) => matches(file, name, base));
  const best = found.toSorted((a, b) => rank(b) - rank(a))[0];
  if (best !== undefined) return best;
  throw missing(name, base, variantsNamed(name, base), files);
}

/** Variants of a name for a base. Throws `unknown-accelerator` or `accelerator-base`. */
export function variantsNamed(name: string, base: FamilyId): readonly AcceleratorVariant[] {
  const named = acceleratorVariants.filter((variant) => variant.name === name);
  if (named.length === 0) {
    throw new FewstepError({
      code: "unknown-accelerator",
      message: "no accelerator has this name",
      found: name.slice(0, 80),
      expected: acceleratorNames.join(", "),
    });
  }
  const variants = named.filter((variant) => variant.base === base);
  if (variants.length > 0) return variants;
  const others = [...new Set(acceleratorVariants.filter((one) => one.base === base).map((one) => one.name))];
  throw new FewstepError({
    code: "accelerator-base",
    message: `${name} does not exist for ${families[base].title}`,
    found: `a ${families[base].title} model`,
    expected: `a ${[...new Set(named.map((one) => families[one.base].title))].join(" or ")} model`,
    hint: `for ${families[base].title} there are ${others.join(", ")}`,
  });
}

/** The variants of a name that a file can be, by its content or its name. */
function matches(file: GivenFile, name: string, base: FamilyId): readonly ResolvedAccelerator[] {
  return file.recognition.candidates
    .map(({ variant }) => variant)
    .filter((variant) => variant.name === name && variant.base === base && variant.form === file.form)
    .map((variant) => ({ variant, file }));
}

const confidences = { possible: 0, likely: 1, certain: 2 } as const;

function rank({ variant, file }: ResolvedAccelerator): number {
  const candidate = file.recognition.candidates.find((one) => one.variant === variant);
  return candidate === undefined ? -1 : confidences[candidate.confidence];
}

const formWords: Readonly<Record<AcceleratorForm, string>> = {
  lora: "--lora",
  unet: "--unet",
  checkpoint: "--model",
};

function missing(
  name: string,
  base: FamilyId,
  variants: readonly AcceleratorVariant[],
  files: readonly GivenFile[],
): FewstepError {
  const given = files.map((file) => `${file.name} (a ${file.form})`).join(", ");
  const wanted = variants.map(({ form, files: [file] }) => `${formWords[form]} ${file?.name ?? name}`);
  const from = [...new Set(variants.flatMap((variant) => variant.files.map(({ repository }) => repository)))];
  return new FewstepError({
    code: "accelerator-file-missing",
    message: `${name} is asked for, but no file given can be it`,
    found: given === "" ? "no LoRA and no UNet" : given,
    expected: `${wanted.join(", or ")} for ${families[base].title}`,
    hint: `get the file from ${from.join(" or ")} and name it on the command line`,
  });
}
