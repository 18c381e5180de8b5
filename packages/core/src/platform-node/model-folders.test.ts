// Models by name: the layouts of two tools, near names, and names that are paths in disguise.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findModel, listModels, listPickles, type ModelFolders, modelFolders } from "./model-folders.js";

let root = "";
let folders: ModelFolders;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fewstep-models-"));
  const files = [
    "comfy/models/checkpoints/sd15.safetensors",
    "comfy/models/checkpoints/old.ckpt",
    "comfy/models/checkpoints/put_checkpoints_here",
    "comfy/models/loras/style/Ink.safetensors",
    "comfy/models/loras/photo/grain.safetensors",
    "comfy/models/loras/film/grain.safetensors",
    "a1111/models/Stable-diffusion/sd15.safetensors",
    "a1111/models/Stable-diffusion/dream.safetensors",
    "a1111/models/Lora/lcm-lora.safetensors",
    "secret.safetensors",
  ];
  for (const file of files) {
    await mkdir(join(root, file, ".."), { recursive: true });
    await writeFile(join(root, file), "");
  }
  await symlink(join(root, "comfy/models/loras"), join(root, "comfy/models/loras/again"));
  folders = modelFolders({ comfyui: join(root, "comfy"), a1111: join(root, "a1111") });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const find = (name: string, role: keyof ModelFolders = "lora") => findModel(folders, role, name);

test("lists what can be used, each name once, ComfyUI's folder first", async () => {
  expect(await listModels(folders, "checkpoint")).toEqual([
    { name: "dream", path: join(root, "a1111/models/Stable-diffusion/dream.safetensors") },
    { name: "sd15", path: join(root, "comfy/models/checkpoints/sd15.safetensors") },
  ]);
});

test("a name is found with and without folder and ending, whatever its case", async () => {
  const ink = join(root, "comfy/models/loras/style/Ink.safetensors");
  for (const name of ["style/Ink", "style\\Ink.safetensors", "style/ink.SAFETENSORS", "STYLE/INK"]) {
    expect(await find(name)).toBe(ink);
  }
  expect(await find("lcm-lora")).toBe(join(root, "a1111/models/Lora/lcm-lora.safetensors"));
});

test("a name that several files have is asked about", async () => {
  await expect(find("grain")).rejects.toMatchObject({ code: "ambiguous-model" });
  expect(await find("film/grain")).toBe(join(root, "comfy/models/loras/film/grain.safetensors"));
});

test("a misspelt name is answered with near ones", async () => {
  await expect(find("lcm-lroa")).rejects.toMatchObject({ code: "unknown-model", expected: '"lcm-lora"' });
});

test("a name whose only file is a pickle is refused as one, and listed apart", async () => {
  for (const name of ["old", "old.ckpt", "OLD"])
    await expect(find(name, "checkpoint")).rejects.toMatchObject({
      code: "model-is-pickle-file",
      found: '"old.ckpt"',
      expected: '"old.safetensors"',
    });
  expect((await listPickles(folders, "checkpoint")).map(({ name }) => name)).toEqual(["old"]);
});

describe("names that would be paths", () => {
  test.each([
    "../../secret",
    "..\\..\\secret",
    "../loras/style/Ink",
    "/etc/passwd",
    "C:\\x",
    "file:///etc/passwd",
    "%2e%2e%2fsecret",
    "style/\0Ink",
    "CON",
    "Ink.",
    "Ink ",
    "",
    ".",
    "x".repeat(5000),
  ])("%j is unknown", async (name) => {
    await expect(find(name)).rejects.toMatchObject({ code: "unknown-model", kind: "input" });
  });
});

test("without folders the remedy says how to name some", async () => {
  const error = await findModel(modelFolders({}), "lora", "x").catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "unknown-model", hint: expect.stringContaining("fewstep config") });
});

test("the user's own folders come first", () => {
  const own = modelFolders({ comfyui: "/c", folders: { lora: ["/mine"] } });
  expect(own.lora).toEqual(["/mine", join("/c", "models/loras")]);
  expect(own.vae).toEqual([join("/c", "models/vae")]);
});
