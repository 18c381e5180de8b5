// Windows as ComfyUI fills them: a group (the tokens of one weighted text) of fewer than eight tokens is kept together, a longer one
// is cut at the border. Definition: tokenize_with_weights of comfy/sd1_clip.py. Only the tail is padding, whatever the prompt names.
import { type Chunk, type ChunkShape, closeChunk, type Slot, slotsOf, type TokenPart } from "./chunk.js";

/** Groups of so many tokens may be cut. */
const LARGE_GROUP = 8;

/** Fills windows with the parts of a prompt, each a group; at least one, every token once and in order. */
export function comfyuiChunks(parts: readonly TokenPart[], shape: ChunkShape): readonly Chunk[] {
  const room = shape.length - 2;
  const chunks: Chunk[] = [];
  let slots: Slot[] = [];
  const close = (): void => {
    chunks.push(closeChunk(slots, shape));
    slots = [];
  };
  for (const part of parts) {
    if (part.kind === "break") continue;
    const group = slotsOf(part);
    let from = 0;
    while (group.length - from > room - slots.length) {
      if (group.length >= LARGE_GROUP || group.length > room) {
        const fits = room - slots.length;
        slots.push(...group.slice(from, from + fits));
        from += fits;
      }
      close();
    }
    for (; from < group.length; from++) slots.push(group[from]!);
  }
  close();
  return chunks;
}
