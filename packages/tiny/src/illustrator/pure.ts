// The part of the illustrator that needs no platform: scenes, captions, labels, the split, and drawings as SVG text.
export { type CaptionOptions, captionOf, sentenceOf, tagsOf } from "./caption.js";
export { DRAWING_SIZE, drawScene } from "./draw/svg.js";
export { HELD_OUT, type HeldOutPair, HOLDOUT_SEED, heldOutCombinations, isHeldOut } from "./holdout.js";
export {
  ABSENT,
  ATTRIBUTE_NAMES,
  ATTRIBUTES,
  type Attribute,
  type AttributeWords,
  attributeWordsOf,
  type Labels,
  labelsOf,
  wordsOf,
} from "./labels.js";
export { namedLabels } from "./named-labels.js";
export { type EvaluationPrompt, HELD_OUT_PROMPTS, SEEN_PROMPTS } from "./prompts.js";
export { anyScene, randomScene } from "./random-scene.js";
export type { AnimalScene, CharacterScene, Jitter, ObjectScene, Scene } from "./scene.js";
export type * from "./vocabulary.js";
