// The dependency rule's own test: each kind of breach, in a workspace of three small files.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../scripts/check-imports.mjs", import.meta.url));
const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** Files of packages/, over a core that keeps the rule. */
function check(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), "fewstep-imports-"));
  made.push(root);
  const all = {
    "core/package.json": '{ "name": "@fewstep/core", "peerDependencies": { "onnxruntime-node": "1.30.0" } }',
    "core/src/errors.ts": "export class FewstepError extends Error {}",
    "core/src/tensor/shape.ts":
      'import { FewstepError } from "../errors.js";\nexport const failed = new FewstepError();',
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    const file = join(root, "packages", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const { status, stderr } = spawnSync(process.execPath, [script, "--root", root], { encoding: "utf8" });
  return { status, lines: stderr.trim().split("\n") };
}

const BREACHES: readonly (readonly [what: string, files: Readonly<Record<string, string>>, line: RegExp])[] = [
  [
    "a later folder",
    { "core/src/tensor/a.ts": 'import "../weights/b.js";' },
    /tensor imports weights \(weights\/b\.ts\)/,
  ],
  [
    "a type of a later folder",
    { "core/src/tensor/a.ts": 'export type A = import("../weights/b.js").B;' },
    /tensor imports weights/,
  ],
  [
    "a stranger",
    { "core/src/graph/a.ts": 'export type { B } from "../files/b.js";' },
    /graph and files never import one another/,
  ],
  ["a folder without a place", { "core/src/misc/a.ts": 'import "../errors.js";' }, /misc has no place in the order/],
  ["Node in the platform-free part", { "core/src/image/a.ts": 'import "node:fs";' }, /imports node:fs: only/],
  [
    "a runtime in the platform-free part",
    { "core/src/image/a.ts": 'await import("onnxruntime-node");' },
    /imports onnxruntime-node: only/,
  ],
  [
    "a file that needs Node",
    { "core/src/weights/a.ts": 'import "../files/open-file.js";' },
    /files\/open-file\.ts, which needs Node/,
  ],
  ["a name that only Node has", { "core/src/image/a.ts": "export const b = Buffer.from([]);" }, /uses Buffer/],
  [
    "a cycle",
    { "core/src/text/a.ts": 'import "./b.js";', "core/src/text/b.ts": 'import "./a.js";' },
    /a cycle: text\/a\.ts -> text\/b\.ts -> text\/a\.ts/,
  ],
  [
    "a package that is not declared",
    { "core/src/node.ts": 'import "left-pad";' },
    /imports left-pad, which package\.json does not name/,
  ],
  [
    "another package's inside",
    { "train/package.json": "{}", "train/src/a.ts": 'import "@fewstep/core/dist/errors.js";' },
    /which is no public entry/,
  ],
  [
    "a path into another package",
    { "train/package.json": "{}", "train/src/a.ts": 'import "../../core/src/errors.js";' },
    /outside of its package/,
  ],
  [
    "a package that comes later",
    { "core/src/node.ts": 'import "@fewstep/train";' },
    /core does not build on @fewstep\/train/,
  ],
];

describe("check-imports", () => {
  it("passes a workspace that keeps the rule, tests and local names included", () => {
    const { status, lines } = check({
      "core/src/image/a.test.ts": 'import "node:fs"; import "../platform-node/b.js";',
      "core/src/image/a.ts":
        'import "../tensor/shape.js"; export const of = (value: { process: number }) => value.process;',
      "core/src/files/open-file.ts": 'import "node:fs/promises";',
      "train/package.json": "{}",
      "train/src/a.ts": 'export { FewstepError } from "@fewstep/core/node"; import "node:path";',
    });
    expect(lines).toEqual(["5 files, 0 breaches of the dependency rule"]);
    expect(status).toBe(0);
  });

  it.each(BREACHES)("finds %s", (_, files, line) => {
    const { status, lines } = check(files);
    expect(lines.filter((one) => line.test(one))).toHaveLength(1);
    expect(status).toBe(1);
  });

  it("fails where there is nothing to check", () => {
    const root = mkdtempSync(join(tmpdir(), "fewstep-imports-"));
    made.push(root);
    mkdirSync(join(root, "packages"));
    expect(spawnSync(process.execPath, [script, "--root", root]).status).toBe(1);
  });
});
