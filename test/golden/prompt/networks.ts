// prompt/networks.json: <lora:name:0.8> tags. A case with `error` must be refused.
import { extractNetworks, FewstepError, type NetworkTag } from "@fewstep/core";
import type { GoldenCase } from "../golden-case.js";
import { exactly } from "./compare.js";

interface NetworkRow {
  readonly id: string;
  readonly text?: string;
  readonly networks?: readonly unknown[];
  readonly error?: string;
}

/** In the file's words and order of keys. */
function described({ kind, name, arguments: args, strengths }: NetworkTag): unknown {
  if (strengths === undefined) return { kind, name, args };
  const { textEncoder, unet, dynamicRank } = strengths;
  return { kind, name, args, text_encoder: textEncoder, unet, dynamic_rank: dynamicRank };
}

function refused(prompt: string): boolean {
  try {
    extractNetworks(prompt);
    return false;
  } catch (error) {
    if (error instanceof FewstepError) return true;
    throw error;
  }
}

export function* cases(file: unknown, fileName: string): Iterable<GoldenCase> {
  for (const row of (file as { readonly cases: readonly NetworkRow[] }).cases)
    yield {
      id: `${fileName} ${JSON.stringify(row.id)}`,
      run: () => {
        // what cannot be read is a ValueError in the original
        if (row.error !== undefined) return [exactly("error", refused(row.id) ? "ValueError" : undefined, row.error)];
        const { text, networks } = extractNetworks(row.id);
        return [exactly("text", text, row.text), exactly("networks", networks.map(described), row.networks)];
      },
    };
}
