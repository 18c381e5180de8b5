// Texts of training options to values.
import type { StopBound } from "@fewstep/train";
import { badValue, isNumber } from "../run/parse-values.js";

/** A number from 0 to 1. */
export const fraction =
  (option: string) =>
  (text: string): number => {
    const value = isNumber(text) ? Number(text) : Number.NaN;
    if (value >= 0 && value <= 1) return value;
    throw badValue(option, text, "a number from 0 to 1");
  };

/** A loss's part: a number of at least 0. */
export const weight =
  (option: string) =>
  (text: string): number => {
    if (isNumber(text) && Number(text) >= 0) return Number(text);
    throw badValue(option, text, "a number of at least 0");
  };

/** `3` or `2,3.5`. */
export const range =
  (option: string) =>
  (text: string): readonly [number, number] => {
    const parts = text.split(",").map((part) => part.trim());
    const [least, most = least] = parts.map((part) => (isNumber(part) ? Number(part) : Number.NaN));
    if (parts.length <= 2 && least! >= 1 && most! >= least!) return [least!, most!];
    throw badValue(option, text, "a guidance scale of at least 1, or two with a comma between, the lesser first");
  };

/** Pixels of a side: whole latents. */
export const pixels =
  (option: string) =>
  (text: string): number => {
    const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= 8 && value <= 4096 && value % 8 === 0) return value;
    throw badValue(option, text, "a multiple of 8 from 8 to 4096");
  };

const BOUND = /^\s*([A-Za-z][A-Za-z0-9]*)\s*([<>])\s*(\S+)\s*$/;

/** `psnr>25` or `loss<0.2`. */
export const stopBound =
  (option: string) =>
  (text: string): StopBound => {
    const [, metric, sign, value] = BOUND.exec(text) ?? [];
    if (metric !== undefined && isNumber(value ?? ""))
      return { metric, side: sign === ">" ? "above" : "below", value: Number(value) };
    throw badValue(option, text, "a metric of the log, < or >, and a number: psnr>25");
  };
