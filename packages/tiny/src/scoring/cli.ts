// `npm run score:tiny -- [--model FILE] [--loras FOLDER] [--judge FILE] [--rows FILE.csv.gz] [--prompts test|validation] [--times N] [--seeds N]
// [--threads N]`: makes and judges the pictures of every method whose files are there, writes a row a picture, and prints the table computed
// from the rows. Prompts are those of the test, from noise that nothing was chosen by; --prompts validation is for choosing.
// With --only NAME,NAME it scores these methods and keeps the other rows. With --write it makes nothing: the tables of model card and README
// are computed anew from the rows.
import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeFolder } from "@fewstep/core/node";
import { ortRunner } from "@fewstep/train/node";
import { readClassifier } from "../classifier/classifier-file.js";
import { heldOutPrompts, type PromptList, seenPrompts } from "../illustrator/prompts.js";
import { JUDGE } from "../judge/judge.js";
import { tinyLora, tinyModel } from "../model.js";
import { attributeTable } from "./attribute-table.js";
import { drawnSet } from "./drawn-set.js";
import { FIRST_SEEDS, makePictures } from "./make-pictures.js";
import { readingAccuracy } from "./reading-accuracy.js";
import type { ScoreRow } from "./rows.js";
import { readRows, writeRows } from "./rows-file.js";
import { cardAttributes, cardTable, readmeTable, withTable } from "./score-documents.js";
import { type JudgedPrompt, judgePictures } from "./score-pictures.js";
import { scoreLines, scoreTable } from "./score-table.js";
import { SCORED_METHODS, type ScoredMethod } from "./scored-methods.js";

const SIZE = 128;
/** Drawings of which the judge's own reading is measured. */
const READ = 1024;
const near = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    loras: { type: "string" },
    judge: { type: "string", default: near("../../judge/judge.safetensors") },
    rows: { type: "string", default: near("../../scores/rows.csv.gz") },
    prompts: { type: "string", default: "test" },
    times: { type: "string", default: "6" },
    seeds: { type: "string", default: "3" },
    threads: { type: "string" },
    only: { type: "string" },
    write: { type: "boolean", default: false },
  },
});

function isList(name: string): name is PromptList {
  return Object.hasOwn(FIRST_SEEDS, name);
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );

async function loraOf({ lora }: ScoredMethod): Promise<string | undefined> {
  if (lora === undefined) return undefined;
  if (values.loras === undefined) return (await tinyLora(lora))?.path;
  const path = join(values.loras, `tiny-${lora}.safetensors`);
  return (await isFile(path)) ? path : undefined;
}

async function main(): Promise<void> {
  if (!(await isFile(values.judge)))
    throw new Error(`no judge at ${values.judge}: npm run train:classifier -- judge ${values.judge}`);
  const runner = ortRunner({ threads: Number(values.threads ?? 1) });
  const judge = await readClassifier(values.judge, JUDGE.name, JUDGE);
  const classifier = { shape: JUDGE, vector: judge, resident: JUDGE.name };
  const reading = await readingAccuracy(runner, classifier, READ);
  console.log(`ceiling: the judge reads ${(100 * reading.overall).toFixed(1)} % of drawn pictures' attributes`);
  console.log(`floor: ${(100 * reading.shuffled).toFixed(1)} % against other pictures' labels`);
  if (reading.shuffled > 0.6 * reading.overall)
    throw new Error("the judge does not fail on shuffled labels: its scores mean nothing");
  const list = values.prompts;
  if (!isList(list)) throw new Error(`--prompts ${list}: ${Object.keys(FIRST_SEEDS).join(" or ")}`);
  const firstSeed = FIRST_SEEDS[list];
  const times = Number(values.times);
  const prompts: readonly JudgedPrompt[] = [
    ...seenPrompts(times, list).map((prompt) => ({ ...prompt, split: "seen" as const })),
    ...heldOutPrompts(times, list).map((prompt) => ({ ...prompt, split: "held-out" as const })),
  ];
  const draws = Number(values.seeds);
  // a drawing for each picture: their means are pairs'
  const count = draws * prompts.length;
  const { drawn, floor } = await drawnSet(runner, classifier, prompts, count, firstSeed);
  console.log(`distance floor: ${floor.toPrecision(3)} between two sets of ${count} drawn pictures of the prompts`);
  const model = values.model ?? (await tinyModel())?.path;
  if (model === undefined) {
    console.log("there is no embedded model to score: npm run train:tiny makes it, --model FILE scores another");
    await runner.dispose();
    return;
  }
  const only = values.only?.split(",");
  const wanted = SCORED_METHODS.filter(({ name }) => only === undefined || only.includes(name));
  let rows: readonly ScoreRow[] = only === undefined ? [] : await otherRows(only);
  await makeFolder(dirname(values.rows));
  for (const method of wanted) {
    const lora = await loraOf(method);
    if (method.lora !== undefined && lora === undefined) {
      console.log(`${method.name} at ${method.steps}: its LoRA is not there`);
      continue;
    }
    const pictures = [];
    const threads = Number(values.threads ?? 1);
    const options = { model, lora, method, prompts, draws, firstSeed, size: SIZE, threads };
    for await (const picture of makePictures(options)) pictures.push(picture);
    rows = [...rows, ...(await judgePictures(runner, judge, method, prompts, pictures, drawn))];
    await writeRows(values.rows, rows);
    console.error(`${method.name} at ${method.steps}: ${pictures.length} pictures`);
  }
  console.log(scoreTable(scoreLines(rows)));
  console.log(attributeTable(rows));
  await runner.dispose();
}

/** The rows of methods that are not scored anew; none where there is no file. */
async function otherRows(names: readonly string[]): Promise<readonly ScoreRow[]> {
  if (!(await isFile(values.rows))) return [];
  return (await readRows(values.rows)).filter(({ method }) => !names.includes(method));
}

async function writeDocuments(): Promise<void> {
  const rows = await readRows(values.rows);
  const tables = [
    [near("../../MODEL_CARD.md"), cardTable(rows), "scores"],
    [near("../../MODEL_CARD.md"), cardAttributes(rows), "attributes"],
    [near("../../../../README.md"), readmeTable(rows), "scores"],
  ] as const;
  for (const [path, table, place] of tables)
    await writeFile(path, withTable(await readFile(path, "utf8"), table, place));
}

await (values.write ? writeDocuments() : main());
