// Recognises a CLIP file with a picture encoder, in transformers' names (CLIPModel, CLIPVisionModelWithProjection): what pictures, and where
// the text encoder is there too, texts are embedded by.
import { FewstepError } from "../errors.js";
import type { ClipTextConfig } from "../models/clip-text.js";
import type { ClipVisionConfig } from "../models/clip-vision.js";
import type { Weights } from "../weights/weights.js";
import { clipTextConfig, counted, shapeOf } from "./configs.js";

export interface ClipPart {
  readonly vision: ClipVisionConfig;
  /** Absent in files of the picture encoder alone. */
  readonly text?: ClipTextConfig;
  /** Of both. */
  readonly weights: Weights;
}

/** Heads by width where they are not 64 wide: OpenCLIP g, H, bigG. */
const HEADS: ReadonlyMap<number, number> = new Map([
  [1280, 16],
  [1408, 16],
  [1664, 16],
]);
const HEAD_WIDTH = 64;
/** OpenAI's B and L. A file does not say its activation: OpenCLIP's of these widths were trained with Gelu and score slightly off. */
const OPENAI_WIDTHS: ReadonlySet<number> = new Set([768, 1024]);

/** @throws FewstepError `clip-vision-missing` */
export function clipPart(name: string, weights: Weights): ClipPart {
  const positions = shapeOf(weights, "vision_model.embeddings.position_embedding.weight");
  const patches = shapeOf(weights, "vision_model.embeddings.patch_embedding.weight");
  const fc1 = shapeOf(weights, "vision_model.encoder.layers.0.mlp.fc1.weight");
  const projection = shapeOf(weights, "visual_projection.weight");
  if (!positions || !patches || !fc1 || !projection) {
    throw new FewstepError({
      code: "clip-vision-missing",
      message: `${name} holds no CLIP picture encoder with its projection`,
      found: [...weights.names].slice(0, 3).join(", "),
      expected: "vision_model.* and visual_projection.weight, as in model.safetensors of openai/clip-vit-large-patch14",
    });
  }
  const [places, width] = positions as [number, number];
  const patch = patches[2]!;
  const activation = OPENAI_WIDTHS.has(width) ? "QuickGelu" : "Gelu";
  const text = shapeOf(weights, "text_projection.weight") && clipTextConfig(weights, "clip", "out-in");
  return {
    weights,
    vision: {
      width,
      layers: counted(weights, "vision_model.encoder.layers"),
      heads: HEADS.get(width) ?? width / HEAD_WIDTH,
      activation,
      feedForward: fc1[0]!,
      patch,
      size: Math.round(Math.sqrt(places - 1)) * patch,
      projectionWidth: projection[0]!,
    },
    ...(text ? { text: { ...text, activation } } : {}),
  };
}
