import { expect, it } from "vitest";
import { checkPath, openListed } from "./folder.js";
import { memoryFolder } from "./memory-folder.test.fixture.js";
import { MAX_JSON_FILE_BYTES, readJsonObject } from "./read-json.js";

it.each(["model_index.json", "unet/config.json", "a b/c-d_e.1/f", "\u00e9/\u4e2d"])("takes %j", (path) => {
  expect(checkPath(path)).toBe(path);
});

it.each([
  "",
  "/etc/passwd",
  "../x",
  "a/../../x",
  "a/./b",
  "a//b",
  "a/",
  "..",
  "..\\x",
  "a\\..\\x",
  "C:\\x",
  "C:x",
  "file:///etc/passwd",
  "\\\\server\\x",
  "a\u0000.safetensors",
  "a\nb",
  "x.",
  "x ",
  "a./b",
  "a".repeat(5_000),
])("refuses %j", (path) => {
  expect(() => checkPath(path)).toThrow("leads out of it or is not plain");
});

it("opens only what is listed", async () => {
  const folder = memoryFolder({ "a.json": "{}" });
  expect((await openListed(folder, "a.json")).name).toBe("a.json");
  await expect(openListed(folder, "b.json")).rejects.toThrow('model has no file "b.json"');
  await expect(openListed(folder, "../a.json")).rejects.toMatchObject({ code: "unsafe-path" });
  expect(folder.opened).toEqual(["a.json"]);
});

it("reads a JSON object, with Python's numbers and a byte order mark", async () => {
  const file = (text: string) => ({ name: "config.json", blob: new Blob([text]) });
  expect(await readJsonObject(file('\ufeff{"lambda_min_clipped": -Infinity}'))).toEqual(
    Object.assign(Object.create(null), { lambda_min_clipped: -Infinity }),
  );
  await expect(readJsonObject(file("[]"))).rejects.toMatchObject({ code: "bad-json" });
  await expect(readJsonObject(file('{"a":1,"a":2}'))).rejects.toMatchObject({ code: "duplicate-key" });
  const huge = { name: "config.json", blob: { size: MAX_JSON_FILE_BYTES + 1 } as Blob };
  await expect(readJsonObject(huge)).rejects.toMatchObject({ code: "json-too-large" });
});
