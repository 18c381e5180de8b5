// Makes the first sheet with nothing but this repository: node scripts/first-sheet.mjs [FILE.png]. Builds what is not built, has the fewstep
// command make the same prompts by the embedded model (25 steps) and by its four accelerators (4 steps), and lays them out with their times.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../", import.meta.url));
const bin = join(repository, "packages", "fewstep", "dist", "cli.js");
const out = resolve(process.argv[2] ?? join(repository, "out", "first-sheet.png"));

const SEED = "7";
const PROMPTS = [
  "1girl, blue hair, long hair, smile, blue eyes, white dress, night sky",
  "1boy, spiky hair, red hair, green eyes, laughing, yellow hoodie, city",
  "1girl, pink hair, twintails, wink, cat ears, blue kimono, cherry blossoms",
  "1girl, blonde hair, ponytail, surprised, crown, green t-shirt, beach",
  "orange cat, forest",
  "red mushroom, snow",
];
const METHODS = [
  { title: "base", steps: 25, options: [] },
  ...["lcm", "lightning", "hyper", "turbo"].map((name) => ({
    title: name,
    steps: 4,
    options: ["--accelerator", name, "--steps", "4"],
  })),
];

function run(program, list, stdout = "inherit") {
  const result = spawnSync(program, list, { cwd: repository, stdio: ["ignore", stdout, "inherit"], encoding: "utf8" });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
  return result.stdout;
}

/** One start of the command for all prompts: a line of JSON for each picture. */
function makeRow({ title, options }, folder) {
  const prompts = join(folder, "prompts.txt");
  writeFileSync(prompts, `${PROMPTS.join("\n")}\n`);
  const names = join(folder, `${title}-{prompt}.png`);
  const args = ["generate", "--prompts-file", prompts, "--seed", SEED, ...options, "--out", names, "--json"];
  return run(process.execPath, [bin, ...args], "pipe")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

console.error("building");
run(process.execPath, [join(repository, "node_modules", "typescript", "bin", "tsc"), "-b", "packages/fewstep"]);
const { composeSheet, decodePng, encodePng } = await import("@fewstep/core");
const folder = mkdtempSync(join(tmpdir(), "fewstep-first-"));
try {
  const rows = METHODS.map((method) => {
    const made = makeRow(method, folder);
    // the first picture waits for the networks
    const seconds = made.slice(1).reduce((sum, one) => sum + one.seconds, 0) / (made.length - 1);
    return {
      paths: made.map(({ path }) => path),
      label: `${method.title}\n${method.steps} steps\n${seconds.toFixed(2)} s a picture`,
    };
  });
  const decoded = await Promise.all(
    rows.map(({ paths }) => Promise.all(paths.map(async (path) => decodePng(readFileSync(path))))),
  );
  const sheet = composeSheet(
    { rows: decoded, rowLabels: rows.map(({ label }) => label), columnLabels: PROMPTS },
    { scale: 1 },
  );
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, await encodePng(sheet));
  console.log(relative(process.cwd(), out));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
