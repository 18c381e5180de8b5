// The two numbers that every training step answers.
import type { Tensors } from "../program/program.js";

/** @param name of the trained network whose gradient's norm is meant */
export function lossAndNorm(answers: Tensors, name: string): { readonly loss: number; readonly norm: number } {
  return { loss: Number(answers.loss!.data[0]), norm: Number(answers[`norm:${name}`]!.data[0]) };
}
