// LoRAs that fewstep itself trained say so in their metadata. They exist for bases nobody published for (the tiny model), so their variant
// is made from the published one of the same name: its settings, with base, prediction, size and guidance as the file states them.
import type { AcceleratorVariant } from "./accelerator.js";
import { acceleratorVariants } from "./accelerators.js";
import type { AcceleratorFileFacts } from "./file-facts.js";

/** `fewstep.method`, the training recipe, -> the accelerator it trains. */
const methods: ReadonlyMap<string, string> = new Map([
  ["lcm", "lcm"],
  ["consistency", "lcm"],
  ["progressive", "lightning"],
  ["lightning", "lightning"],
  ["segmented", "hyper"],
  ["trajectory", "hyper"],
  ["hyper", "hyper"],
  ["adversarial", "turbo"],
  ["turbo", "turbo"],
]);

/** Largest picture anybody trains at; a length of metadata text is no length of a picture. */
const largestSize = 4096;

/** Larger scales of guidance are nobody's. */
const largestGuidance = 30;

const predictions = ["epsilon", "v"] as const;

/** The variant a file's metadata states, or undefined where it states none that is known. */
export function ownVariant(facts: AcceleratorFileFacts): AcceleratorVariant | undefined {
  const { metadata, base, form, bytes, fileName } = facts;
  const name = metadata.get("fewstep.accelerator") ?? nameOfMethod(metadata);
  const named = acceleratorVariants.filter((variant) => variant.name === name && variant.form === form);
  const template = named.find((variant) => variant.base === base) ?? named[0];
  if (template === undefined) return undefined;
  const size = wholeNumber(metadata.get("fewstep.size"), largestSize) ?? template.settings.size;
  const prediction =
    predictions.find((one) => one === metadata.get("fewstep.prediction")) ?? template.settings.prediction;
  const guidance = scale(metadata.get("fewstep.guidance")) ?? template.settings.guidance;
  const widened = ([least, most]: readonly [number, number]) =>
    [Math.min(least, guidance), Math.max(most, guidance)] as const;
  const { ranges } = template;
  const { lora: _layout, ...rest } = template;
  return {
    ...rest,
    title: `${template.name}, trained by fewstep`,
    base: base ?? template.base,
    files: [{ name: fileName, repository: "this file", bytes, source: "its metadata" }],
    ...(facts.lora === undefined ? {} : { lora: {} }),
    licence: { name: "not stated in the file", commercial: "unstated", source: "its metadata" },
    settings: {
      ...template.settings,
      ...{ size, prediction, guidance },
      ...(metadata.get("fewstep.zero_terminal_snr") === "true" ? { zeroTerminalSnr: true } : {}),
    },
    ranges: {
      ...ranges,
      publishedGuidance: widened(ranges.publishedGuidance),
      guidance: widened(ranges.guidance),
    },
  };
}

function nameOfMethod(metadata: ReadonlyMap<string, string>): string | undefined {
  const accelerator = methods.get(metadata.get("fewstep.method") ?? "");
  const steps = wholeNumber(metadata.get("fewstep.steps"), 99);
  const withSteps = `${accelerator}-${steps}`;
  return acceleratorVariants.some(({ name }) => name === withSteps) ? withSteps : accelerator;
}

function wholeNumber(text: string | undefined, largest: number): number | undefined {
  const value = /^\d{1,6}$/.test(text ?? "") ? Number(text) : Number.NaN;
  return value >= 1 && value <= largest ? value : undefined;
}

function scale(text: string | undefined): number | undefined {
  const value = /^\d{1,2}(?:\.\d{1,6})?$/.test(text ?? "") ? Number(text) : Number.NaN;
  return value >= 1 && value <= largestGuidance ? value : undefined;
}
