// The fixed evaluation prompts: seen ones, whose combinations training draws, and held-out ones, each with exactly one
// combination that it never draws. Expected attributes are what a judge is asked about the picture.
import { tagsOf } from "./caption.js";
import { HELD_OUT, heldOutCombinations } from "./holdout.js";
import { type AttributeWords, attributeWordsOf } from "./labels.js";
import { mixSeed } from "./random.js";
import { anyScene, randomScene } from "./random-scene.js";
import type { Scene } from "./scene.js";

export interface EvaluationPrompt {
  /** All tags of the scene in the usual order. */
  readonly text: string;
  readonly expected: AttributeWords;
  /** A true picture of the prompt is this scene drawn. */
  readonly scene: Scene;
}

/** Part of the lists' definition, as HOLDOUT_SEED is of the split. */
const PROMPT_SEED = 41;
const SEEN_COUNTS: readonly (readonly [Scene["kind"], number])[] = [
  ["character", 20],
  ["animal", 6],
  ["object", 6],
];

const promptOf = (scene: Scene): EvaluationPrompt => ({
  text: tagsOf(scene).join(", "),
  expected: attributeWordsOf(scene),
  scene,
});

/** The first `count` scenes, all of different words, that `change` makes of the endless stream `seed`. */
function firstScenes(
  draw: (seed: number) => Scene,
  seed: number,
  count: number,
  change: (scene: Scene) => Scene | null,
) {
  const found = new Map<string, Scene>();
  for (let index = 0; found.size < count; index++) {
    const scene = change(draw(mixSeed(seed, index)));
    const text = scene === null ? "" : tagsOf(scene).join();
    if (scene !== null && !found.has(text)) found.set(text, scene);
  }
  return [...found.values()];
}

function seenScenes(): readonly Scene[] {
  return SEEN_COUNTS.flatMap(([kind, count]) =>
    firstScenes(randomScene, PROMPT_SEED, count, (scene) => (scene.kind === kind ? scene : null)),
  );
}

/** One scene a held-out pair, otherwise as training would draw it. */
function heldOutScenes(): readonly Scene[] {
  const only = (seed: number, change: (scene: Scene) => Scene | null): Scene =>
    firstScenes(anyScene, seed, 1, (scene) => {
      const changed = change(scene);
      return changed !== null && heldOutCombinations(changed).length === 1 ? changed : null;
    })[0]!;
  const pairs = <R, C>(
    map: ReadonlyMap<R, C>,
    salt: number,
    change: (scene: Scene, row: R, column: C) => Scene | null,
  ) => [...map].map(([row, column], i) => only(mixSeed(PROMPT_SEED + salt, i), (scene) => change(scene, row, column)));
  return [
    ...pairs(HELD_OUT.hairAndBackground, 1, (scene, hairColour, background) =>
      scene.kind === "character" ? { ...scene, hairColour, background } : null,
    ),
    ...pairs(HELD_OUT.accessoryAndClothesColour, 2, (scene, accessory, clothesColour) =>
      scene.kind === "character" ? { ...scene, accessory, clothesColour } : null,
    ),
    ...pairs(HELD_OUT.animalAndColour, 3, (scene, animal, animalColour) =>
      scene.kind === "animal" ? { ...scene, animal, animalColour } : null,
    ),
    ...pairs(HELD_OUT.objectAndColour, 4, (scene, object, objectColour) =>
      scene.kind === "object" ? { ...scene, object, objectColour } : null,
    ),
  ];
}

/** 32 prompts of the training distribution. */
export const SEEN_PROMPTS: readonly EvaluationPrompt[] = seenScenes().map(promptOf);

/** One prompt for each held-out pair: 8 of hair and background, then 7 each of accessory, animal and object with a colour. */
export const HELD_OUT_PROMPTS: readonly EvaluationPrompt[] = heldOutScenes().map(promptOf);
