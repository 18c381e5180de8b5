// --lora FILE[:STRENGTH[:TEXT_STRENGTH]][:BLOCK=FACTOR,...]: a path or name, with the strength on the UNet (one, or one for each step) and
// on the text encoders behind it, and factors for blocks.
import { FewstepError } from "@fewstep/core";
import { checkStrength, strongest } from "@fewstep/core/node";
import { isNumber } from "./parse-values.js";

export interface LoraOption {
  /** A path, or a name in the user's folders. */
  readonly file: string;
  /** Undefined: not said, so 1 or an accelerator's own. With a list the strongest of it. */
  readonly strengthUnet?: number;
  /** One for each step. */
  readonly strengthSteps?: readonly number[];
  /** Undefined: as on the UNet. */
  readonly strengthText?: number;
  /** As written: `down.1`, `mid` ... */
  readonly blocks?: Readonly<Record<string, number>>;
}

/** A run has at most 10,000 steps. */
const MAX_LIST = 10_000;

/** @throws FewstepError `bad-strength` */
export function parseLora(text: string): LoraOption {
  const parts = text.split(":");
  const blocks = parts.length > 1 && isBlocks(parts.at(-1)!) ? parseBlocks(parts.pop()!) : undefined;
  const strengths: string[] = [];
  while (parts.length > 1 && strengths.length < 2 && isStrength(parts)) strengths.unshift(parts.pop()!);
  const [unet, text2] = strengths.map(parseStrengths);
  if (text2 !== undefined && text2.length > 1) throw badStrength(strengths[1]!);
  return {
    file: parts.join(":"),
    ...(unet === undefined ? {} : { strengthUnet: strongest(unet) }),
    ...(unet === undefined || unet.length < 2 ? {} : { strengthSteps: unet }),
    ...(text2 === undefined ? {} : { strengthText: text2[0]! }),
    ...(blocks && { blocks }),
  };
}

/** Paths have colons too: behind a drive's letter, or in a name. */
function isStrength(parts: readonly string[]): boolean {
  const last = parts[parts.length - 1]!;
  return isNumber(last) || !isPath(last);
}

const isPath = (text: string): boolean => /[/\\]|\.safetensors$/i.test(text);
const isBlocks = (text: string): boolean => text.includes("=") && !isPath(text);

function parseStrengths(text: string): readonly number[] {
  const numbers = text.split(",", MAX_LIST + 1);
  if (numbers.length > MAX_LIST || !numbers.every(isNumber)) throw badStrength(text);
  return numbers.map((one) => checkStrength(Number(one)));
}

function parseBlocks(text: string): Readonly<Record<string, number>> {
  const pairs = text.split(",").map((pair) => {
    const [, name, factor] = /^([\w.]+)=(.+)$/.exec(pair.trim()) ?? [];
    if (name === undefined || !isNumber(factor!)) throw badStrength(pair);
    return [name, checkStrength(Number(factor))] as const;
  });
  return Object.fromEntries(pairs);
}

function badStrength(found: string): FewstepError {
  return new FewstepError({
    code: "bad-strength",
    message: "a LoRA's strength is not possible",
    found: JSON.stringify(found.slice(0, 80)),
    expected:
      "FILE:STRENGTH, FILE:UNET_STRENGTH:TEXT_STRENGTH, FILE:FIRST_STEP,SECOND_STEP,... or FILE:STRENGTH:down.1=0.5,mid=0",
  });
}
