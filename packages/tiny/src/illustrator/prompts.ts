// The fixed evaluation prompts: seen ones, whose combinations training draws, and held-out ones, each with exactly one
// combination that it never draws. Expected attributes are what a judge is asked about the picture. There are two lists of each: options of
// trainings are chosen by the first, and what came of them is told by the second, which nothing was chosen by.
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

export type PromptList = "validation" | "test";

/** Part of the lists' definition, as HOLDOUT_SEED is of the split. */
const PROMPT_SEEDS: Readonly<Record<PromptList, number>> = { validation: 41, test: 43 };
/** So many times the validation list's length was looked at: none of it is in the test list. */
const LOOKED_AT = 6;
/** Scenes looked through for one more of a list; the vocabulary holds some dozens of words for each held-out pair. */
const MAX_TRIES = 200_000;
const SEEN_COUNTS: readonly (readonly [Scene["kind"], number])[] = [
  ["character", 20],
  ["animal", 6],
  ["object", 6],
];

const textOf = (scene: Scene): string => tagsOf(scene).join(", ");

const promptOf = (scene: Scene): EvaluationPrompt => ({
  text: textOf(scene),
  expected: attributeWordsOf(scene),
  scene,
});

/** Which scenes a list has: `taken` are the texts that it may not have. */
interface Draft {
  readonly seed: number;
  readonly times: number;
  readonly taken: ReadonlySet<string>;
}

/** The first `count` scenes, all of different words, that `change` makes of the endless stream `seed`. */
function firstScenes(
  draw: (seed: number) => Scene,
  { seed, taken }: Pick<Draft, "seed" | "taken">,
  count: number,
  change: (scene: Scene) => Scene | null,
) {
  const found = new Map<string, Scene>();
  for (let index = 0; found.size < count; index++) {
    if (index === MAX_TRIES) throw new RangeError(`there are ${found.size} scenes of different words, not ${count}`);
    const scene = change(draw(mixSeed(seed, index)));
    const text = scene === null ? "" : textOf(scene);
    if (scene !== null && !taken.has(text) && !found.has(text)) found.set(text, scene);
  }
  return [...found.values()];
}

function seenScenes(draft: Draft): readonly Scene[] {
  return SEEN_COUNTS.flatMap(([kind, count]) =>
    firstScenes(randomScene, draft, draft.times * count, (scene) => (scene.kind === kind ? scene : null)),
  );
}

/** `times` scenes a held-out pair, otherwise as training would draw them. */
function heldOutScenes({ seed, times, taken }: Draft): readonly Scene[] {
  const only = (ownSeed: number, change: (scene: Scene) => Scene | null): readonly Scene[] =>
    firstScenes(anyScene, { seed: ownSeed, taken }, times, (scene) => {
      const changed = change(scene);
      return changed !== null && heldOutCombinations(changed).length === 1 ? changed : null;
    });
  const pairs = <R, C>(
    map: ReadonlyMap<R, C>,
    salt: number,
    change: (scene: Scene, row: R, column: C) => Scene | null,
  ) => [...map].flatMap(([row, column], i) => only(mixSeed(seed + salt, i), (scene) => change(scene, row, column)));
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

function promptsOf(
  scenes: (draft: Draft) => readonly Scene[],
  list: PromptList,
  times: number,
): readonly EvaluationPrompt[] {
  const looked = { seed: PROMPT_SEEDS.validation, times: LOOKED_AT, taken: new Set<string>() };
  const taken = new Set(list === "test" ? scenes(looked).map(textOf) : []);
  return scenes({ seed: PROMPT_SEEDS[list], times, taken }).map(promptOf);
}

/** Prompts of the training distribution: 20 characters, 6 animals and 6 things, `times` over, all of different words. Throws RangeError. */
export const seenPrompts = (times: number, list: PromptList = "validation"): readonly EvaluationPrompt[] =>
  promptsOf(seenScenes, list, times);

/**
 * `times` prompts for each held-out pair: 8 of hair and background, then 7 each of accessory, animal and object with a colour.
 * Throws RangeError where there are not so many.
 */
export const heldOutPrompts = (times: number, list: PromptList = "validation"): readonly EvaluationPrompt[] =>
  promptsOf(heldOutScenes, list, times);

export const SEEN_PROMPTS = seenPrompts(1);
export const HELD_OUT_PROMPTS = heldOutPrompts(1);
