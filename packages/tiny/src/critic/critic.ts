// The critic: the network that adversarial losses and feedback may learn from. It sees what the model may see, no held-out combination, on a
// stream and with a seed and widths of its own. It never scores.
import type { ClassifierSpec } from "../classifier/recipe.js";
import { mixSeed } from "../illustrator/random.js";
import { randomScene } from "../illustrator/random-scene.js";
import { CRITIC_NAME } from "./open-critic.js";

const SEED = 311;
export const CRITIC_STREAM = 31;

export const CRITIC: ClassifierSpec = {
  name: CRITIC_NAME,
  seed: SEED,
  scene: (index) => randomScene(mixSeed(CRITIC_STREAM, index)),
  widths: [16, 32, 64, 96, 96],
  size: 128,
  batch: 32,
  iterations: 2000,
  learningRate: { peak: 1e-3, warmUp: 50, decay: "cosine", floor: 0.02 },
  noise: 0.05,
  blur: 0.25,
};
