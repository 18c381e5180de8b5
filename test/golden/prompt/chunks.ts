// prompt/chunks.json: token ids put into windows. The file gives parts and, by program, the windows that come of them.
import {
  a1111Chunks,
  type Chunk,
  type ChunkShape,
  CLIP_SHAPE,
  comfyuiChunks,
  type TokenPart,
  truncatedChunk,
} from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { exactly } from "./compare.js";

type Part = readonly ["BREAK"] | readonly [readonly number[] | { readonly embedding: number }, number];
interface ChunksFile {
  readonly ids: { readonly bos: number; readonly eos: number; readonly comma: number };
  readonly cases: readonly ({ readonly id: string; readonly parts: readonly Part[] } & Readonly<
    Record<string, unknown>
  >)[];
}

function tokenPart(part: Part): TokenPart {
  if (part[0] === "BREAK") return { kind: "break" };
  const [content, weight] = part as readonly [readonly number[] | { readonly embedding: number }, number];
  return "embedding" in content
    ? { kind: "embedding", name: "given", vectors: content.embedding, weight }
    : { kind: "tokens", ids: content, weight };
}

const full = ({ ids, weights, used }: Chunk): unknown => ({ ids, weights, used });
const weighted = ({ ids, weights }: Chunk): unknown => ({ ids, weights });

/** By the key of a case: what makes the value that stands there. */
const MAKERS: Readonly<Record<string, (parts: readonly TokenPart[], shape: ChunkShape) => unknown>> = {
  a1111: (parts, shape) => a1111Chunks(parts, { shape }).map(full),
  a1111_no_backtrack: (parts, shape) => a1111Chunks(parts, { shape, commaBacktrack: 0 }).map(full),
  a1111_pad0: (parts, shape) => a1111Chunks(parts, { shape: { ...shape, pad: 0 } }).map(({ ids }) => ids),
  comfyui_L: (parts, shape) => comfyuiChunks(parts, shape).map(weighted),
  comfyui_G: (parts, shape) => comfyuiChunks(parts, { ...shape, pad: 0 }).map(weighted),
  diffusers: (parts, shape) => truncatedChunk(parts, shape).chunk.ids,
};

/** Every vector of every textual inversion, in order, at a place whose id is the placeholder. */
function vectorsCheck(parts: readonly TokenPart[], chunks: readonly Chunk[]): GoldenCheck {
  const expected = parts.flatMap((part) => (part.kind === "embedding" ? [...Array(part.vectors).keys()] : []));
  const actual = chunks.flatMap(({ vectors }) => vectors.map(({ vector }) => vector));
  const places = chunks.every(({ ids, vectors }) => vectors.every(({ at }) => ids[at] === 0));
  return exactly("vectors", [actual, places], [expected, true]);
}

export function* cases(file: unknown, fileName: string): Iterable<GoldenCase> {
  const { ids, cases: rows } = file as ChunksFile;
  const shape: ChunkShape = { ...CLIP_SHAPE, start: ids.bos, end: ids.eos, pad: ids.eos, comma: ids.comma };
  for (const { id, parts: given, ...expected } of rows)
    yield {
      id: `${fileName} ${id}`,
      run: () => {
        const parts = given.map(tokenPart);
        return [
          ...Object.entries(expected).map(([name, value]) => {
            const make = MAKERS[name];
            if (make === undefined) throw new RangeError(`nothing makes ${name}`);
            return exactly(name, make(parts, shape), value);
          }),
          vectorsCheck(parts, a1111Chunks(parts, { shape })),
        ];
      },
    };
}
