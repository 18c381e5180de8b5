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

function seenScenes(times: number): readonly Scene[] {
  return SEEN_COUNTS.flatMap(([kind, count]) =>
    firstScenes(randomScene, PROMPT_SEED, times * count, (scene) => (scene.kind === kind ? scene : null)),
  );
}

/** `times` scenes a held-out pair, otherwise as training would draw them. */
function heldOutScenes(times: number): readonly Scene[] {
  const only = (seed: number, change: (scene: Scene) => Scene | null): readonly Scene[] =>
    firstScenes(anyScene, seed, times, (scene) => {
      const changed = change(scene);
      return changed !== null && heldOutCombinations(changed).length === 1 ? changed : null;
    });
  const pairs = <R, C>(
    map: ReadonlyMap<R, C>,
    salt: number,
    change: (scene: Scene, row: R, column: C) => Scene | null,
  ) =>
    [...map].flatMap(([row, column], i) => only(mixSeed(PROMPT_SEED + salt, i), (scene) => change(scene, row, column)));
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

/** Prompts of the training distribution: 20 characters, 6 animals and 6 things, `times` over, all of different words. */
export const seenPrompts = (times: number): readonly EvaluationPrompt[] => seenScenes(times).map(promptOf);

/** `times` prompts for each held-out pair: 8 of hair and background, then 7 each of accessory, animal and object with a colour. */
export const heldOutPrompts = (times: number): readonly EvaluationPrompt[] => heldOutScenes(times).map(promptOf);

export const SEEN_PROMPTS = seenPrompts(1);
export const HELD_OUT_PROMPTS = heldOutPrompts(1);
