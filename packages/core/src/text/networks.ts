// <lora:name:0.8> tags: adapters named inside a prompt, as AUTOMATIC1111's webui reads them. Only reads them: which file a name means is
// decided elsewhere, and a name is never a path until then.
import { FewstepError } from "../errors.js";
import { pythonFloat } from "./python-syntax.js";

/** A tag of any kind; strengths are there for kinds that have them (lora, lyco). */
export interface NetworkTag {
  readonly kind: string;
  readonly name: string;
  /** All that the tag says after its kind, the name first. */
  readonly arguments: readonly string[];
  readonly strengths?: NetworkStrengths;
}

export interface NetworkStrengths {
  readonly textEncoder: number;
  readonly unet: number;
  /** Rank that the adapter shall be cut down to; null for its own. */
  readonly dynamicRank: number | null;
}

const TAG = /<([\p{L}\p{N}_]+):([^>]+)>/gu;
const ADAPTERS: ReadonlySet<string> = new Set(["lora", "lyco"]);

function number(written: string, tag: string): number {
  const value = pythonFloat(written);
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new FewstepError({
    code: "network-tag-invalid",
    message: "a tag of the prompt has a strength that is no number",
    found: tag.slice(0, 120),
    expected: "<lora:name:0.8>, <lora:name:0.8:0.5> or <lora:name:te=0.8:unet=0.5>",
  });
}

/** Positions: text encoder, unet, rank; names: te, unet, dyn. The text encoder's strength is also the unet's unless that is given. */
function strengths(given: readonly string[], tag: string): NetworkStrengths {
  const positional = given.filter((argument) => !argument.includes("="));
  const named = new Map(
    given
      .filter((argument) => argument.includes("="))
      .map((argument): [string, string] => {
        const at = argument.indexOf("=");
        return [argument.slice(0, at), argument.slice(at + 1)];
      }),
  );
  const read = (position: number, name: string): number | undefined => {
    const written = named.get(name) ?? positional[position];
    return written === undefined ? undefined : number(written, tag);
  };
  const textEncoder = read(0, "te") ?? 1;
  const rank = read(2, "dyn");
  return {
    textEncoder,
    unet: read(1, "unet") ?? textEncoder,
    dynamicRank: rank === undefined ? null : Math.trunc(rank),
  };
}

/**
 * Takes the tags out of a prompt; the blanks around them stay.
 * @throws FewstepError `network-tag-invalid`
 */
export function extractNetworks(prompt: string): { readonly text: string; readonly networks: readonly NetworkTag[] } {
  const networks: NetworkTag[] = [];
  // behind the last bracket nothing can match, and looking for it from every "<" would take quadratic time
  const end = prompt.lastIndexOf(">") + 1;
  const text = prompt.slice(0, end).replace(TAG, (tag, kind: string, rest: string) => {
    const given = rest.split(":");
    networks.push({
      kind,
      name: given[0]!,
      arguments: given,
      ...(ADAPTERS.has(kind) ? { strengths: strengths(given.slice(1), tag) } : {}),
    });
    return "";
  });
  return { text: text + prompt.slice(end), networks };
}
