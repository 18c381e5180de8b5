import { Command } from "commander";
import { expect, it } from "vitest";
import type { Method } from "./methods.js";
import { scheduleOf } from "./schedule.js";
import { addTrainOptions, type TrainOptions } from "./train-options.js";

const FILES = ["--data", "pictures", "--out", "x.safetensors"];

function scheduled(method: Method, ...args: readonly string[]) {
  const needed = method === "vae" ? FILES : [...FILES, method === "base" ? "--vae" : "--teacher", "y.safetensors"];
  const command = addTrainOptions(new Command(), method).exitOverride();
  command.parse([...needed, ...args], { from: "user" });
  return scheduleOf(method, command.opts<TrainOptions>());
}

it.each([
  ["vae", "cosine"],
  ["base", "cosine"],
  ["lcm", "constant"],
  ["turbo", "constant"],
] as const)("%s goes by its own decay, %s, unless another is asked for", (method, usual) => {
  expect(scheduled(method).learningRate.decay).toBe(usual);
  for (const decay of ["constant", "cosine"])
    expect(scheduled(method, "--decay", decay).learningRate.decay).toBe(decay);
});

it("parts of a batch are iterations of their own, and the warm-up counts them", () => {
  const schedule = scheduled("lcm", "--batch", "8", "--accumulate", "4", "--steps", "10", "--learning-rate", "1e-3");
  expect(schedule).toMatchObject({ batch: 2, iterations: 40, optimiser: { accumulate: 4, segments: 1 } });
  expect(schedule.learningRate).toMatchObject({ peak: 1e-3, warmUp: 200 });
  expect(() => scheduled("lcm", "--batch", "8", "--accumulate", "3")).toThrow(/does not divide/);
});
