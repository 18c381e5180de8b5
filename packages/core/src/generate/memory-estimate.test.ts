// The estimate against peaks of anonymous memory that were measured (Linux, 2 cores, ONNX Runtime 1.30, one step, summed over the process
// tree): never below them, and not half as much again.
import { expect, test } from "vitest";
import { weightsOf } from "../weights/weights.js";
import { estimateMemory, type MemoryRequest } from "./memory-estimate.js";

const GB = 1e9;

/** A network of so many parameters, the largest tensor of the given size. */
function weights(parameters: number, largest: number) {
  const file = { name: "model", blob: new Blob([]) };
  const tensor = (name: string, count: number) =>
    [name, { name, dtype: "f16", shape: [count], file, offset: 0, byteLength: count * 2 }] as const;
  return weightsOf([tensor("largest", largest), tensor("rest", 1), ...spread(parameters - largest, largest, tensor)]);
}

function spread<T>(left: number, most: number, tensor: (name: string, count: number) => T): readonly T[] {
  return Array.from({ length: Math.ceil(left / most) }, (_, i) => tensor(`t${i}`, Math.min(most, left - i * most)));
}

/** SD1.5's networks, as far as the estimate looks at them. */
function sd15(fileBytes = 2.13 * GB): MemoryRequest["checkpoint"] {
  return {
    unet: { config: { down: [{ channels: 320 }] }, weights: weights(860e6, 1280 * 2560 * 9) },
    text: [{ config: {}, weights: weights(85e6, 768 * 3072) }],
    vae: { config: { channels: [128, 256, 512, 512] }, weights: weights(84e6, 512 * 512 * 9) },
    files: [{ name: "sd15", blob: { size: fileBytes } }],
  } as unknown as MemoryRequest["checkpoint"];
}

const estimate = (side: number, more: Partial<MemoryRequest> = {}) =>
  estimateMemory({
    checkpoint: sd15(),
    plan: { width: side, height: side },
    casts: "late",
    adapterBytes: 0,
    ...more,
  });

test.each([
  [256, "late", 0.67],
  [512, "late", 1.49],
  [768, "late", 4.32],
  [256, "early", 4.57],
] as const)("SD1.5 at %i, %s casts: at least the %f GB measured, at most 1.5 times", (side, casts, measured) => {
  const bytes = estimate(side, { casts });
  expect(bytes / GB).toBeGreaterThanOrEqual(measured);
  expect(bytes / GB).toBeLessThan(measured * 1.5);
});

test("tiles bound the decoder, a TAESD has no attention over the whole picture", () => {
  expect(estimate(1536)).toBeLessThan(estimate(768));
  expect(estimate(768, { taesd: {} })).toBeLessThan(estimate(768));
});

test("where networks go one before the next, the largest counts", () => {
  expect(estimate(512, { checkpoint: sd15(7 * GB) })).toBeLessThan(estimate(512));
});
