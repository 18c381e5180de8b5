// Makes the embedded model from nothing: every stage of packages/tiny's training plan by `fewstep train`, in order, into FOLDER (default
// .cache/tiny), then copies what ships into packages/tiny/model. A stage whose file is there is done; one that was broken off goes on.
// Stages that nothing shipped needs (the judge, Hyper down to one step, Turbo on a critic's features) run with --further, or when named.
// node scripts/train-tiny.mjs [--folder DIR] [--only STAGE] [--further] [--threads N] [--device cpu|webgpu] [--list] [--dry-run]
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../", import.meta.url));
const { stageCommand, stageFile, TRAINING_PLAN } = await import(
  new URL("../packages/tiny/dist/index.js", import.meta.url).href
);

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: join(root, ".cache", "tiny") },
    only: { type: "string" },
    further: { type: "boolean", default: false },
    threads: { type: "string" },
    device: { type: "string" },
    list: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
  },
});
const { folder, only, threads, device, list } = values;
/** By the name that a stage's command has for it: what runs it, and whether it knows fewstep's further options. */
const PROGRAMS = {
  fewstep: { file: "packages/fewstep/dist/cli.js", withMore: true },
  "train:classifier": { file: "packages/tiny/dist/classifier/train-classifier.js", withMore: false },
};
const more = [
  ...(threads === undefined ? [] : ["--threads", threads]),
  ...(device === undefined ? [] : ["--device", device]),
  ...(values["dry-run"] ? ["--dry-run"] : []),
];

const stages = TRAINING_PLAN.filter(({ name, further }) =>
  only === undefined ? values.further || !further : name === only,
);
if (stages.length === 0) throw new Error(`no stage ${only}: ${TRAINING_PLAN.map(({ name }) => name).join(", ")}`);
mkdirSync(folder, { recursive: true });
for (const stage of stages) {
  const file = join(folder, stageFile(stage.name));
  const { program, arguments: own } = stageCommand(stage, folder);
  const { file: source, withMore } = PROGRAMS[program];
  const command = [...own, ...(withMore ? more : [])];
  console.log(`${program} ${command.join(" ")}`);
  if (list || (values["dry-run"] && !withMore)) continue;
  if (existsSync(file)) console.log(`${file} is there`);
  else {
    const { status } = spawnSync(process.execPath, [join(root, source), ...command], { stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
  }
  if (!stage.ships || !existsSync(file)) continue;
  const model = join(root, "packages/tiny/model");
  mkdirSync(model, { recursive: true });
  copyFileSync(file, join(model, stageFile(stage.name)));
}
