// What @fewstep/core weighs in a browser, and a clone on the disk, against scripts/size-budget.json: node scripts/check-size.mjs. Builds a page that generates
// pictures, without ONNX Runtime, from the packages as they are built, and fails where a part is over its budget.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "vite";

const PAGE = `
  import { openCheckpoint, Pipeline } from "@fewstep/core";
  import { webRuntime } from "@fewstep/core/web";
  Object.assign(globalThis, { openCheckpoint, Pipeline, webRuntime });
`;

const MEASURES = {
  bytes: (code) => Buffer.byteLength(code),
  gzip: (code) => gzipSync(code, { level: 9 }).length,
  brotli: (code) => brotliCompressSync(code).length,
};

const root = fileURLToPath(new URL("..", import.meta.url));
const budget = JSON.parse(readFileSync(new URL("size-budget.json", import.meta.url), "utf8"));

async function chunks() {
  const folder = mkdtempSync(join(tmpdir(), "fewstep-size-"));
  try {
    const entry = join(folder, "page.js");
    writeFileSync(entry, PAGE);
    const { output } = await build({
      configFile: false,
      root: folder,
      logLevel: "error",
      resolve: {
        alias: ["", "/web"].map((part) => ({
          find: new RegExp(`^@fewstep/core${part}$`),
          replacement: join(root, `packages/core/dist/${part === "" ? "index" : "web"}.js`),
        })),
      },
      build: { write: false, target: "es2022", modulePreload: false, rollupOptions: { input: entry } },
    });
    return output.filter(({ type }) => type === "chunk");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const found = await chunks();
/** The page itself, and what it loads later. */
const parts = {
  page: found.filter(({ isEntry }) => isEntry),
  later: found.filter(({ isEntry }) => !isEntry),
};
let over = 0;
for (const [part, own] of Object.entries(parts)) {
  for (const [measure, size] of Object.entries(MEASURES)) {
    const total = own.reduce((sum, { code }) => sum + size(code), 0);
    const limit = budget[part][measure];
    const within = total > 0 && total <= limit;
    if (!within) over++;
    console.log(`${within ? "ok  " : "OVER"} ${part} ${measure}: ${total} of ${limit}`);
  }
}

/** What a clone carries, which is to be copied to other machines as it is. */
const tracked = spawnSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
if (tracked.status === 0) {
  const files = tracked.stdout.split("\0").filter((name) => name !== "");
  const total = files.reduce(
    (sum, name) => sum + (statSync(join(root, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  const within = total <= budget.tree.bytes;
  if (!within) over++;
  console.log(`${within ? "ok  " : "OVER"} tracked files: ${total} of ${budget.tree.bytes}`);
} else console.log("skip tracked files: this is no clone");
if (over > 0) process.exitCode = 1;
