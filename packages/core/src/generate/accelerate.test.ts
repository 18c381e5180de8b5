import { expect, it } from "vitest";
import { variantId } from "../accelerators/accelerator.js";
import { acceleratorVariants } from "../accelerators/accelerators.js";
import { accelerate } from "./accelerate.js";

const lightning = acceleratorVariants.find((one) => variantId(one) === "sdxl/lightning-4/lora")!;
const sizeOf = (request: Parameters<typeof accelerate>[1]) => {
  const { width, height } = accelerate(lightning, request).request;
  return [width, height];
};

it("brings its publisher's size, but for the sides that are asked for", () => {
  expect(sizeOf({ prompt: "a" })).toEqual([1024, 1024]);
  expect(sizeOf({ prompt: "a", width: 832, height: 1216 })).toEqual([832, 1216]);
  expect(sizeOf({ prompt: "a", height: 1216 })).toEqual([1024, 1216]);
});

it("leaves the size to a picture to start from", () => {
  const picture = { width: 128, height: 64, data: new Uint8Array(128 * 64 * 4) };
  expect(sizeOf({ prompt: "a", init: { picture } })).toEqual([undefined, undefined]);
  expect(sizeOf({ prompt: "a", init: { picture }, width: 256 })).toEqual([256, undefined]);
});
