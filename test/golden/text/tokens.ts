// text/tokens.json and tokens.safetensors: ids of CLIP's tokenizer in both habits, whole and padded to the window of 77.
import { CLIP_SHAPE, loadClipTokenizer, truncatedChunk } from "@fewstep/core";
import type { GoldenCase, GoldenTensors } from "../golden-case.js";
import { exactly } from "../prompt/compare.js";

interface TokensFile {
  readonly rows: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly open_clip: readonly number[];
  }[];
}

const framed = (ids: readonly number[]): readonly number[] => [CLIP_SHAPE.start, ...ids, CLIP_SHAPE.end];

export function* cases(file: unknown, fileName: string): Iterable<GoldenCase> {
  const transformers = loadClipTokenizer();
  const openClip = loadClipTokenizer({ habit: "open-clip" });
  for (const { text, ids, open_clip } of (file as TokensFile).rows)
    yield {
      id: `${fileName} ${JSON.stringify(text.slice(0, 40))}`,
      run: async () => [
        exactly("transformers", framed((await transformers).encode(text)), ids),
        exactly("open_clip", framed((await openClip).encode(text)), open_clip),
      ],
    };
}

/** By the tensor's name in tokens.safetensors: what pads, and the tokenizer that transformers makes of that pad token. */
const PADS: ReadonlyMap<string, { readonly pad: number; readonly bangIsPad: boolean }> = new Map([
  ["pad.eos", { pad: CLIP_SHAPE.end, bangIsPad: false }],
  ["pad.bang", { pad: 0, bangIsPad: true }],
]);

/** The tensors [rows, 77] of tokens.safetensors; `file` is tokens.json, which holds the texts. */
export function* paddedCases(tensors: GoldenTensors, file: unknown, fileName: string): Iterable<GoldenCase> {
  const { rows } = file as TokensFile;
  for (const [name, tensor] of tensors)
    yield {
      id: `${fileName} ${name}`,
      run: async () => {
        const padding = PADS.get(name);
        if (padding === undefined) throw new RangeError(`no pad is known for ${name}`);
        const { pad, bangIsPad } = padding;
        const { encode } = await loadClipTokenizer({ bangIsPad });
        const expected = Array.from(tensor.data as BigInt64Array, Number);
        const actual = rows.map(({ text }) => {
          const part = { kind: "tokens", ids: encode(text), weight: 1 } as const;
          return truncatedChunk([part], { ...CLIP_SHAPE, pad }).chunk.ids;
        });
        return [exactly(name, actual.flat(), expected)];
      },
    };
}
