// The critic as a file and as parts of an objective: its weights, and what reads them. The judge's file is refused by its name. Node only.
import type { FrozenPart } from "@fewstep/train";
import { type OpenedClassifier, openClassifier, writeClassifier } from "../classifier/classifier-file.js";
import { type ClassifierShape, classifierLayout } from "../classifier/network.js";

/** The name in the file; critic.ts trains it. */
export const CRITIC_NAME = "critic";

const RESIDENT = "critic-network";
const PREFIX = "critic-network:";

export type OpenedCritic = OpenedClassifier;

/** Throws the codes of openClassifier. */
export const openCritic = (path: string, signal?: AbortSignal): Promise<OpenedCritic> =>
  openClassifier(path, CRITIC_NAME, signal);

export const writeCritic = (path: string, shape: ClassifierShape, vector: Float32Array): Promise<void> =>
  writeClassifier(path, CRITIC_NAME, shape, vector);

/** What the critic's weights are called in an objective. */
export const criticWeight = (id: string): string => PREFIX + id;

/** The critic's weights, which no objective changes. */
export const frozenCritic = ({ shape, vector }: OpenedCritic): FrozenPart => ({
  sources: [{ resident: RESIDENT, layout: classifierLayout(shape), prefix: PREFIX }],
  residents: new Map([[RESIDENT, vector]]),
});
