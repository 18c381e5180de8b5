// The judge: the network that scores pictures, and nothing else. It sees every combination, held-out ones too, on a stream and with a seed
// and widths of its own. Nothing that trains a model may import it (judge-isolation.test.ts).
import type { ClassifierSpec } from "../classifier/recipe.js";
import { mixSeed } from "../illustrator/random.js";
import { anyScene } from "../illustrator/random-scene.js";

const SEED = 7101;
/** Streams of scenes: neither is the model's (1) nor the critic's. */
export const JUDGE_STREAM = 71;
export const JUDGE_TEST_STREAM = 72;

export const JUDGE: ClassifierSpec = {
  name: "judge",
  seed: SEED,
  scene: (index) => anyScene(mixSeed(JUDGE_STREAM, index)),
  widths: [24, 48, 96, 128, 128],
  size: 128,
  batch: 32,
  iterations: 3000,
  learningRate: { peak: 2e-3, warmUp: 50, decay: "cosine", floor: 0.02 },
  noise: 0.15,
  blur: 0.5,
};
