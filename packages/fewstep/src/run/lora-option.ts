// --lora FILE[:STRENGTH[:TEXT_STRENGTH]]: a path or name, with the strength on the UNet and on the text encoders behind it.
import { FewstepError } from "@fewstep/core";
import { checkStrength } from "@fewstep/core/node";
import { isNumber } from "./parse-values.js";

export interface LoraOption {
  /** A path, or a name in the user's folders. */
  readonly file: string;
  /** Undefined: not said, so 1 or an accelerator's own. */
  readonly strengthUnet?: number;
  /** Undefined: as on the UNet. */
  readonly strengthText?: number;
}

/** @throws FewstepError `bad-strength` */
export function parseLora(text: string): LoraOption {
  const parts = text.split(":");
  const strengths: number[] = [];
  while (parts.length > 1 && strengths.length < 2 && isStrength(parts)) {
    const part = parts.pop() as string;
    if (!isNumber(part)) throw badStrength(part);
    strengths.unshift(checkStrength(Number(part)));
  }
  const [strengthUnet, strengthText] = strengths;
  return {
    file: parts.join(":"),
    ...(strengthUnet === undefined ? {} : { strengthUnet }),
    ...(strengthText === undefined ? {} : { strengthText }),
  };
}

/** Paths have colons too: behind a drive's letter, or in a name. */
function isStrength(parts: readonly string[]): boolean {
  const last = parts[parts.length - 1]!;
  return isNumber(last) || !/[/\\]|\.safetensors$/i.test(last);
}

function badStrength(found: string): FewstepError {
  return new FewstepError({
    code: "bad-strength",
    message: "a LoRA's strength is not possible",
    found: JSON.stringify(found.slice(0, 80)),
    expected: "FILE:STRENGTH or FILE:UNET_STRENGTH:TEXT_STRENGTH, such as lcm.safetensors:0.8",
  });
}
