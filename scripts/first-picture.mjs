// Makes a picture with nothing but this repository: node scripts/first-picture.mjs [FILE]. Builds what is not built, makes the small test
// checkpoint (its weights are random numbers, so the picture is abstract), and calls the fewstep command as a user would.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { testCheckpoint } from "./test-checkpoint.mjs";

const repository = fileURLToPath(new URL("../", import.meta.url));
const bin = join(repository, "packages", "fewstep", "dist", "cli.js");
const out = resolve(process.argv[2] ?? join(repository, "out", "first-picture.png"));
const args = ["--steps", "4", "--cfg", "1", "--sampler", "lcm", "--seed", "7", "--size", "256x256"];

function run(program, list) {
  const { status, error } = spawnSync(program, list, { cwd: repository, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

console.error("building");
run(process.execPath, [join(repository, "node_modules", "typescript", "bin", "tsc"), "-b", "packages/fewstep"]);
console.error("making the small test checkpoint");
const model = testCheckpoint("sd15-tiny");
mkdirSync(dirname(out), { recursive: true });
run(process.execPath, [bin, "generate", "a cat in a garden", "--model", model, ...args, "--out", out, "--force"]);
console.error(
  "The test checkpoint's weights are random: the picture is abstract. With a trained checkpoint it shows the prompt.",
);
