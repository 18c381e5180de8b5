// What commander says of a command line that it cannot read, with what other tools call an option, and quotes where a prompt lacks them.
import type { Command } from "commander";

/** Option elsewhere -> here. */
const SYNONYMS: Readonly<Record<string, string>> = {
  "--negative-prompt": "--negative",
  "--cfg-scale": "--cfg",
  "--guidance": "--cfg",
  "--guidance-scale": "--cfg",
  "--width": "--size",
  "--height": "--size",
  "-W": "--size",
  "-H": "--size",
  "--denoise": "--strength",
  "--denoising-strength": "--strength",
  "--batch-size": "--count",
  "--batch-count": "--count",
  "--n-iter": "--count",
  "--num-images": "--count",
  "--num-inference-steps": "--steps",
  "--scheduler": "--schedule",
  "--sampling-method": "--sampler",
  "--upscale": "--hires",
  "--init-img": "--init",
  "--image": "--init",
  "--ckpt": "--model",
  "--checkpoint": "--model",
  "--output": "--out",
  "-o": "--out",
  "-s": "--seed",
  "-m": "--model",
};

const UNKNOWN = /unknown option '([^']+)'/;
const TOO_MANY = /too many arguments/;
const SUGGESTION = /\n?\(Did you mean [^)]*\)/;

/** The error as it is shown: ends in a new line. */
export function usageError(command: Command, text: string): string {
  const synonym = SYNONYMS[UNKNOWN.exec(text)?.[1]?.split("=")[0] ?? ""];
  if (synonym !== undefined && command.options.some(({ long }) => long === synonym))
    return `${text.replace(SUGGESTION, "").trimEnd()}\n(here it is ${synonym})\n`;
  const takesPrompt = command.registeredArguments[0]?.name() === "prompt";
  if (TOO_MANY.test(text) && takesPrompt)
    return `${text.trimEnd()}\n(a prompt of several words goes in quotes: "a cat")\n`;
  return text;
}
