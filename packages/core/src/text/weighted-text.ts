// Texts with weights: what every attention grammar gives.

export interface WeightedText {
  readonly text: string;
  /** Factor of emphasis; 1 is none. */
  readonly weight: number;
}

/** The piece that the A1111 grammar makes of the word BREAK: start a new chunk. Weighted (not -1) it is the word itself. */
export const BREAK: WeightedText = { text: "BREAK", weight: -1 };

export const isBreak = ({ text, weight }: WeightedText): boolean => text === BREAK.text && weight === BREAK.weight;
