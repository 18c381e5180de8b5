// Texts of the command line to values. A text that is no such value is an error that names the option; what a value may be is checked where
// it is used.
import { randomInt } from "node:crypto";
import { FewstepError, type GenerateRequest } from "@fewstep/core";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** Longest list of timesteps or sigmas that is read; runs have at most 10,000 steps. */
const MAX_LIST = 10_001;
const MAX_COUNT = 1_000;

export function badValue(option: string, found: string, expected: string, hint?: string): FewstepError {
  return new FewstepError({
    code: "bad-option",
    message: `--${option} cannot be read`,
    found: JSON.stringify(found.slice(0, 80)),
    expected,
    ...(hint === undefined ? {} : { hint }),
  });
}

export function isNumber(text: string): boolean {
  return NUMBER.test(text) && Number.isFinite(Number(text));
}

/** A finite number. */
export const number =
  (option: string) =>
  (text: string): number => {
    if (isNumber(text)) return Number(text);
    throw badValue(option, text, "a number");
  };

/** A whole number in a range. */
export const whole =
  (option: string, least: number, most: number) =>
  (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw badValue(option, text, `a whole number from ${least} to ${most}`);
  };

export const count = whole("count", 1, MAX_COUNT);

/** Numbers with commas between. */
export const numbers =
  (option: string) =>
  (text: string): readonly number[] => {
    const parts = text.split(",", MAX_LIST + 1).map((part) => part.trim());
    if (parts.length <= MAX_LIST && parts.every(isNumber)) return parts.map(Number);
    throw badValue(option, text, "numbers with commas between");
  };

/** One of a few words. */
export const word =
  <T extends string>(option: string, words: readonly T[]) =>
  (text: string): T => {
    const found = words.find((one) => one === text);
    if (found !== undefined) return found;
    throw badValue(option, text, words.join(", "));
  };

/** Some of a few words, with commas between. */
export const words =
  <T extends string>(option: string, known: readonly T[]) =>
  (text: string): readonly T[] => [
    ...new Set(text.split(",", known.length + 1).map((part) => word(option, known)(part.trim()))),
  ];

/** 512x768, or 512 for a square. Whether a side is possible is for the plan to say. */
export function size(text: string): Required<Pick<GenerateRequest, "width" | "height">> {
  const sides = /^(-?[\d.]{1,12})(?:[x*]|×)(-?[\d.]{1,12})$/i.exec(text) ?? /^(-?[\d.]{1,12})()$/.exec(text);
  const [width, height] = [sides?.[1] ?? "", sides?.[2] || (sides?.[1] ?? "")];
  if (isNumber(width) && isNumber(height)) return { width: Number(width), height: Number(height) };
  throw badValue("size", text, "WIDTHxHEIGHT in pixels, such as 512x768");
}

/** Seeds reach 2^64 - 1, which a number cannot hold. */
export const seed =
  (option: string) =>
  (text: string): bigint => {
    if (/^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n) return BigInt(text);
    throw badValue(option, text, "a whole number from 0 to 2^64 - 1", `leave --${option} out for a random one`);
  };

/** 32 bits, as A1111 draws them: short enough to type. */
export const randomSeed = (): bigint => BigInt(randomInt(2 ** 32));

/** -1 is a random seed, as in A1111. */
export const seedOrRandom =
  (option: string) =>
  (text: string): bigint =>
    text === "-1" ? randomSeed() : seed(option)(text);
