// Which picture comes when: every epoch is a shuffle of its own, so a position in the endless sequence is all there is to save.
import { shuffled } from "../optim/random-stream.js";

export interface Order {
  /** Index of the picture at a position, counted from 0 over all epochs. */
  at(position: number): number;
  /** The pictures of one iteration. */
  batch(iteration: number, size: number): readonly number[];
}

export function shuffledOrder(count: number, seed: number): Order {
  // the last epoch asked for: batches come in order, so each shuffle is made once
  let current: { readonly epoch: number; readonly order: Uint32Array } | undefined;
  const at = (position: number): number => {
    const epoch = Math.floor(position / count);
    if (current?.epoch !== epoch) current = { epoch, order: shuffled(count, seed, epoch) };
    return current.order[position % count]!;
  };
  return { at, batch: (iteration, size) => Array.from({ length: size }, (_, i) => at(iteration * size + i)) };
}
