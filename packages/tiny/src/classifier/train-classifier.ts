// node train-classifier.js judge|critic FILE [STATE-FOLDER]: trains one of the two classifiers and says how well it reads pictures it never
// saw. Both are trained by the same loop on streams, seeds and widths of their own; see judge/judge.ts and critic/critic.ts.
import { train } from "@fewstep/train";
import { folderStore, ortRunner } from "@fewstep/train/node";
import { CRITIC } from "../critic/critic.js";
import { JUDGE } from "../judge/judge.js";
import { readingAccuracy } from "../scoring/reading-accuracy.js";
import { writeClassifier } from "./classifier-file.js";
import { type ClassifierSpec, classifierRecipe } from "./recipe.js";

const SPECS = new Map<string, ClassifierSpec>([JUDGE, CRITIC].map((spec) => [spec.name, spec]));
const TEST_PICTURES = 1000;

const [name, file, state, iterations] = process.argv.slice(2);
const found = SPECS.get(name ?? "");
if (found === undefined || file === undefined) {
  console.error("usage: train-classifier judge|critic FILE [STATE-FOLDER] [ITERATIONS]");
  process.exitCode = 2;
} else {
  const spec = { ...found, iterations: iterations === undefined ? found.iterations : Number(iterations) };
  const runner = ortRunner({ threads: 1 });
  const start = performance.now();
  for await (const { iteration, seconds, metrics } of train(classifierRecipe(spec), {
    runner,
    ...(state === undefined ? {} : { store: folderStore(state) }),
    saveEvery: 200,
  }))
    if (iteration % 50 === 0)
      console.error(`${iteration} of ${spec.iterations}: loss ${metrics.loss!.toFixed(3)}, ${seconds.toFixed(2)} s`);
  const vector = await runner.get(`${spec.name}.ema`);
  await writeClassifier(file, spec.name, spec, vector);
  const accuracy = await readingAccuracy(runner, { shape: spec, vector, resident: spec.name }, TEST_PICTURES);
  console.log(JSON.stringify({ file, minutes: (performance.now() - start) / 60_000, ...accuracy }, undefined, 2));
  await runner.dispose();
}
