// What a file's name or title says of it. A hint only: files are renamed, and a name proves nothing.
import type { AcceleratorVariant } from "./accelerator.js";

export interface NameWords {
  /** Lower case, every run of signs a single space. */
  readonly text: string;
  readonly steps: number | undefined;
  /** A CFG-preserving file, as Hyper and PCM name theirs. */
  readonly cfg: boolean;
}

/** Longest name that is looked at; published ones have under 60 characters. */
const longestName = 400;

export function nameWords(name: string): NameWords {
  const text = ` ${name
    .slice(0, longestName)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")} `;
  const steps = /(\d{1,2}) ?steps?/.exec(text)?.[1];
  return { text, steps: steps === undefined ? undefined : Number(steps), cfg: / (?:normal)?cfg /.test(text) };
}

/** The accelerator as a word, alone or grown together with what it is for: "flashsdxl", "nitrosd", "lcmlora". */
function saysAccelerator(text: string, accelerator: string): boolean {
  return text.split(" ").some((word) => {
    const at = word.indexOf(accelerator);
    return at >= 0 && /^(?:sdxl|sd|xl|lora|unet|\d)*$/.test(word.slice(0, at) + word.slice(at + accelerator.length));
  });
}

/** Whether words name this variant: its accelerator, its steps where both have a number, its kind. */
export function namesVariant({ text, steps, cfg }: NameWords, variant: AcceleratorVariant): boolean {
  if (!saysAccelerator(text, variant.accelerator)) return false;
  const [fewest, most] = variant.ranges.steps;
  const parts = variant.name.split("-").slice(1);
  if (steps === undefined ? /\d/.test(parts.join()) : steps < fewest || steps > most) return false;
  if (steps !== undefined && fewest !== most && variant.settings.steps !== steps) return false;
  if (cfg !== parts.includes("cfg")) return false;
  return parts.filter((part) => !/^(?:\d+|cfg)$/.test(part)).every((part) => text.includes(part));
}
