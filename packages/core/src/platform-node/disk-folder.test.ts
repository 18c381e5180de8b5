// Folders on disk: listing, links, and what leads out of them.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFolder } from "./disk-folder.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fewstep-folder-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, text = path): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), text);
}

test("lists files of all levels by plain relative paths, hidden folders aside", async () => {
  for (const path of ["m/model_index.json", "m/unet/config.json", "m/.git/config"]) await put(path);
  const folder = await openFolder(join(root, "m"));
  expect(folder.name).toBe("m");
  expect(await folder.list()).toEqual(["model_index.json", "unet/config.json"]);
  const file = await folder.open("unet/config.json");
  expect(new TextDecoder().decode(await file.blob.slice(0, 100).arrayBuffer())).toBe("m/unet/config.json");
});

test("follows links inside, neither lists nor opens links out", async () => {
  for (const path of ["m/a.json", "secret"]) await put(path);
  await symlink("a.json", join(root, "m/inside.json"));
  await symlink("../secret", join(root, "m/outside.json"));
  await symlink(root, join(root, "m/loop"));
  const folder = await openFolder(join(root, "m"));
  expect(await folder.list()).toEqual(["a.json", "inside.json"]);
  await expect(folder.open("outside.json")).rejects.toMatchObject({ code: "unsafe-path" });
});

test("a snapshot of the Hugging Face cache reaches its repository's blobs, and nobody else's", async () => {
  const snapshot = "models--a--b/snapshots/1234";
  for (const path of ["models--a--b/blobs/abcd", "models--c--d/blobs/ef", `${snapshot}/model_index.json`])
    await put(path);
  await symlink("../../blobs/abcd", join(root, snapshot, "x.safetensors"));
  await symlink("../../../models--c--d/blobs/ef", join(root, snapshot, "y.safetensors"));
  const folder = await openFolder(join(root, snapshot));
  expect(await folder.list()).toEqual(["model_index.json", "x.safetensors"]);
  expect((await folder.open("x.safetensors")).blob.size).toBe("models--a--b/blobs/abcd".length);
});

test.each(["../secret", "/etc/passwd", "a/../../secret", "..\\secret", "C:\\x", "a\0b", "", "x".repeat(5000)])(
  "refuses the path %j",
  async (path) => {
    await put("m/a.json");
    const folder = await openFolder(join(root, "m"));
    await expect(folder.open(path)).rejects.toMatchObject({ code: "unsafe-path" });
  },
);

test("what is no folder is said", async () => {
  await put("file");
  await expect(openFolder(join(root, "file"))).rejects.toMatchObject({ code: "folder-not-found" });
  await expect(openFolder(join(root, "none"))).rejects.toMatchObject({ code: "folder-not-found" });
});
