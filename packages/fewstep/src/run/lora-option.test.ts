// --lora: what belongs to the path and what to the strengths.
import { expect, test } from "vitest";
import { parseLora } from "./lora-option.js";

test.each([
  ["a.safetensors", { file: "a.safetensors" }],
  ["a.safetensors:1", { file: "a.safetensors", strengthUnet: 1 }],
  ["a.safetensors:0:0.5", { file: "a.safetensors", strengthUnet: 0, strengthText: 0.5 }],
  ["name:-0.5", { file: "name", strengthUnet: -0.5 }],
  ["C:\\loras\\a.safetensors", { file: "C:\\loras\\a.safetensors" }],
  ["C:\\loras\\a.safetensors:0.8", { file: "C:\\loras\\a.safetensors", strengthUnet: 0.8 }],
  ["a:b.safetensors:0.8", { file: "a:b.safetensors", strengthUnet: 0.8 }],
  ["a.safetensors:1,0.5,-2", { file: "a.safetensors", strengthUnet: -2, strengthSteps: [1, 0.5, -2] }],
  ["a:1,0:0.3", { file: "a", strengthUnet: 1, strengthSteps: [1, 0], strengthText: 0.3 }],
  ["a:0.8:mid=0,down.1=0.5", { file: "a", strengthUnet: 0.8, blocks: { mid: 0, "down.1": 0.5 } }],
  ["x=1.safetensors", { file: "x=1.safetensors" }],
  ["C:\\x=1\\a.safetensors:up=-1", { file: "C:\\x=1\\a.safetensors", blocks: { up: -1 } }],
  ["1:2:3:4", { file: "1:2", strengthUnet: 3, strengthText: 4 }],
])("%s", (text, parsed) => expect(parseLora(text)).toEqual(parsed));

test.each([
  "a:abc",
  "a:",
  "a:1e9",
  "a:0x",
  "a:,",
  "a:1:x",
  "a:-101",
  "a:NaN",
  "a:1e400",
  "a:1,",
  "a:1:1,2",
  "a:mid=",
  "a:=1",
  "a:mid=x",
  "a:mid=101",
])("%s is refused", (text) => {
  expect(() => parseLora(text)).toThrowError(expect.objectContaining({ code: "bad-strength", kind: "input" }));
});
