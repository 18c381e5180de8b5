// Files that are damaged in their numbers, or while they are in use: an error that says where, a code that says whose fault, no picture.
import { copyFileSync, openSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openFile, openSafetensors } from "@fewstep/core/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

let folder: CommandFolder;
let model = "";

beforeEach(() => {
  folder = new CommandFolder();
  model = join(folder.path, "model.safetensors");
  copyFileSync(testModel("sd15-tiny"), model);
});
afterEach(() => folder.remove());

const generate = (...args: readonly string[]) => [
  ...["generate", "a cat", "--model", model, "--size", "64x64", "--steps", "2", "--out", "a.png"],
  ...args,
];

test("a NaN in the UNet: the step and the tensor are named", async () => {
  const name = "model.diffusion_model.middle_block.0.in_layers.2.weight";
  const tensor = (await openSafetensors(await openFile(model))).weights.get(name)!;
  writeSync(openSync(model, "r+"), Uint8Array.of(0, 0x7e), 0, 2, tensor.offset);
  const { code, stdout, stderr } = await folder.run(generate());
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("in step 1");
  expect(stderr).toContain(`tensor "${name}" of model.safetensors`);
  expect(folder.files()).toEqual(["model.safetensors"]);
});

test("a file cut short while it is mapped: an error, and the parent lives to say it", async () => {
  let cut = false;
  const { code, stdout, stderr } = await folder.run(generate("--steps", "200"), {
    onStderr(text) {
      if (cut || !text.includes("step 1/200")) return;
      cut = true;
      truncateSync(model, 1_000_000);
    },
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("fewstep: ");
  expect(folder.files()).toEqual(["model.safetensors"]);
});
