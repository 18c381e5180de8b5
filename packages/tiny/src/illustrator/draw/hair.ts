// Hair in head coordinates: (0, 0) is the middle of the face, x to the right, y down, one unit a pixel at scale 1.
// Each style has a back (behind the neck) and a front (over the face), given as paths; shading comes from the pen.
import type { HairStyle } from "../vocabulary.js";
import { type Colour, shade } from "./colour.js";
import { both, flip, type Pen } from "./pen.js";

interface Cut {
  /** Right half of the back, mirrored, behind the body and darker. */
  readonly backHalf: string;
  /** Tufts (tails, buns) behind the head on both sides, in full colour. */
  readonly tufts?: string;
  /** A tuft on one side only. */
  readonly tail?: string;
  /** Bands that tie the tufts, mirrored like them. */
  readonly ties?: string;
  readonly tie?: string;
  readonly fringe: string;
  /** Locks before the ears, mirrored. */
  readonly locks?: string;
}

const SKULL = "M-33 12C-40 -20 -24 -39 0 -39C24 -39 40 -20 33 12";
const SWEPT = `${SKULL}C32 4 29 -3 25 -9C24 -3 20 2 13 5C16 0 16 -6 14 -11C9 -4 2 1 -7 4C-3 -1 -2 -6 -3 -10C-9 -4 -16 0 -23 2C-21 -2 -21 -5 -22 -8C-28 -3 -31 4 -33 12Z`;
const STRAIGHT = `${SKULL}C32 6 31 0 29 -4L27 2C22 -1 18 0 15 3L11 -3L9 3C4 0 -2 0 -6 3L-9 -3L-12 3C-17 0 -22 0 -27 2L-29 -4C-31 0 -32 6 -33 12Z`;
const PARTED = `${SKULL}C31 2 27 -6 18 -12C12 -16 6 -20 4 -27C2 -18 -4 -12 -12 -6C-20 0 -28 4 -33 12Z`;
const SPIKES = `M-33 13L-43 8L-36 -1L-50 -12L-37 -17L-44 -34L-27 -31L-24 -47L-10 -38L2 -54L9 -40L26 -49L26 -33L43 -36L37 -18L49 -14L37 -2L43 7L33 13C32 4 30 -2 27 -7L19 6L13 -9L3 7L-3 -10L-13 6L-17 -8L-25 4L-28 -6C-31 0 -32 6 -33 13Z`;
const SIDE_LOCKS = "M25 -8C28 6 28 22 25 38C34 32 38 14 35 -8Z";
const NAPE = "M0 -38C28 -38 40 -22 37 4C36 18 33 26 27 30L0 34Z";

const CUTS: Readonly<Record<HairStyle, Cut>> = {
  "short hair": {
    backHalf: "M0 -38C28 -38 40 -22 37 2C37 10 35 16 37 22L31 20L31 28L24 24L0 28Z",
    fringe: SWEPT,
    locks: "M27 -8C30 2 30 10 28 19C34 14 37 4 34 -6Z",
  },
  "bob cut": {
    backHalf: "M0 -38C30 -38 43 -20 42 6C42 20 41 32 33 40C28 42 22 40 16 38L0 36Z",
    fringe: STRAIGHT,
    locks: "M25 -8C27 8 25 24 20 36C26 42 36 42 40 33C44 18 41 4 35 -10Z",
  },
  "long hair": {
    backHalf: "M0 -38C30 -38 42 -20 41 6C41 30 48 48 49 84H0Z",
    fringe: PARTED,
    locks: "M26 -6C30 14 27 38 30 58C40 46 41 14 35 -8Z",
  },
  twintails: {
    backHalf: NAPE,
    tufts:
      "M30 -22C44 -34 58 -22 58 2C58 22 54 38 46 50C46 44 44 42 42 38C40 44 38 46 35 48C38 32 34 22 34 8C34 -4 32 -12 28 -16Z",
    ties: "M27 -24L35 -28L38 -14L29 -12Z",
    fringe: SWEPT,
    locks: SIDE_LOCKS,
  },
  ponytail: {
    backHalf: NAPE,
    tail: "M16 -34C26 -50 50 -46 55 -22C60 4 50 24 56 46C48 44 40 36 38 26C35 32 34 34 31 36C33 20 40 0 30 -14Z",
    tie: "M14 -37L24 -43L33 -30L26 -24Z",
    fringe: PARTED,
    locks: "M27 -6C30 6 29 18 27 30C34 24 37 8 34 -8Z",
  },
  "double bun": {
    backHalf: NAPE,
    tufts: "M15 -36C14 -50 28 -56 37 -48C46 -40 44 -25 32 -22C24 -22 16 -28 15 -36Z",
    ties: "M16 -36L22 -40L34 -26L29 -22Z",
    fringe: STRAIGHT,
    locks: SIDE_LOCKS,
  },
  "spiky hair": {
    backHalf: "M0 -40C30 -40 40 -20 40 -2L38 4L46 17L35 17L38 29L26 25L0 28Z",
    fringe: SPIKES,
  },
};

const RING =
  "M-26 -15C-20 -26 -8 -30 1 -30C12 -30 20 -26 26 -16L23 -13L20 -17L16 -14L11 -21L6 -17L1 -22L-5 -17L-9 -21L-14 -15L-18 -18L-22 -12Z";

export function drawHairBack(style: HairStyle, colour: Colour, tie: Colour, pen: Pen): string {
  const cut = CUTS[style];
  const dark = shade(colour, 0.34);
  // The fill covers the seam that the outlines of the two halves leave in the middle.
  const halves = both(pen.shape(cut.backHalf, dark)) + both(pen.fill(cut.backHalf, dark));
  const tuft = (d: string): string => pen.shape(d, colour);
  return [
    halves,
    cut.tufts === undefined ? "" : both(tuft(cut.tufts)),
    cut.tail === undefined ? "" : tuft(cut.tail),
    cut.ties === undefined ? "" : both(pen.shape(cut.ties, tie)),
    cut.tie === undefined ? "" : pen.shape(cut.tie, tie),
  ].join("");
}

export function fringeOf(style: HairStyle): string {
  return CUTS[style].fringe;
}

export function drawHairFront(style: HairStyle, colour: Colour, shine: Colour, pen: Pen): string {
  const cut = CUTS[style];
  const lock = cut.locks === undefined ? "" : pen.shape(cut.locks, colour);
  return [
    lock + flip(lock),
    pen.shape(cut.fringe, colour),
    pen.fill("M-33 10C-38 -14 -28 -32 -10 -37C-24 -28 -30 -12 -28 -1C-31 3 -32 6 -33 10Z", shade(colour, 0.2)),
    pen.fill(RING, shine),
  ].join("");
}
