// Windows of 75 tokens as AUTOMATIC1111's webui fills them: BREAK closes one, a full one breaks behind a comma that is near, a textual
// inversion is never split. Definition: tokenize_line of modules/sd_hijack_clip.py.
import { FewstepError } from "../errors.js";
import { type Chunk, type ChunkShape, closeChunk, type Slot, slotsOf, type TokenPart } from "./chunk.js";

export interface A1111ChunkOptions {
  readonly shape: ChunkShape;
  /** A full window breaks behind its last comma if at most so many tokens follow it. Default 20; 0 turns it off. */
  readonly commaBacktrack?: number;
}

/** Pads as the webui does for encoders that pad with another id: everything behind the first end token, even one that the prompt named. */
function padded(chunk: Chunk, { end, pad }: ChunkShape): Chunk {
  const first = chunk.ids.indexOf(end);
  return { ...chunk, ids: chunk.ids.map((id, at) => (at > first ? pad : id)) };
}

/**
 * Fills windows with the parts of a prompt; at least one, every token once and in order.
 * @throws FewstepError `embedding-too-long` for a textual inversion that fits into no window
 */
export function a1111Chunks(parts: readonly TokenPart[], options: A1111ChunkOptions): readonly Chunk[] {
  const { shape, commaBacktrack = 20 } = options;
  const room = shape.length - 2;
  const chunks: Chunk[] = [];
  let slots: Slot[] = [];
  let comma = -1;
  const close = (rest: Slot[] = []): void => {
    const chunk = closeChunk(slots, shape);
    chunks.push(shape.pad === shape.end ? chunk : padded(chunk, shape));
    slots = rest;
    comma = -1;
  };
  /** Makes room for what comes next; a comma itself never moves the tokens before it. */
  const makeRoom = (isComma: boolean): void => {
    if (slots.length < room) return;
    if (!isComma && comma !== -1 && slots.length - comma <= commaBacktrack) close(slots.splice(comma + 1));
    if (slots.length >= room) close();
  };
  for (const part of parts) {
    if (part.kind === "break") close();
    else if (part.kind === "embedding") {
      if (part.vectors > room)
        throw new FewstepError({
          code: "embedding-too-long",
          message: `the textual inversion ${JSON.stringify(part.name)} has more vectors than a chunk has places`,
          found: `${part.vectors} vectors`,
          expected: `at most ${room}`,
        });
      makeRoom(false);
      if (slots.length + part.vectors > room) close();
      slots.push(...slotsOf(part));
    } else
      for (const slot of slotsOf(part)) {
        const isComma = slot.id === shape.comma;
        if (isComma) comma = slots.length; // one that opens the next window is forgotten with this one
        makeRoom(isComma);
        slots.push(slot);
      }
  }
  if (slots.length > 0 || chunks.length === 0) close();
  return chunks;
}
