// How much of its prompt a picture of the embedded model shows, as the judge reads it: the entry for comparisons. Node only.
import type { Pixels } from "@fewstep/core";
import { ortRunner } from "@fewstep/train/node";
import { classifierReader } from "../classifier/classifier.js";
import { readClassifier } from "../classifier/classifier-file.js";
import { ABSENT } from "../illustrator/labels.js";
import { namedLabels } from "../illustrator/named-labels.js";
import { JUDGE } from "../judge/judge.js";
import { rightOf } from "./reading-accuracy.js";
import { rgbOf } from "./score-pictures.js";

export interface AdherenceReader {
  /** Share of the attributes that the prompt names and the picture shows; undefined where it names none, or the picture has another size. */
  adherence(picture: Pixels, prompt: string): Promise<number | undefined>;
  dispose(): Promise<void>;
}

/** Throws the codes of readClassifier. */
export async function openAdherence(path: string, threads = 1): Promise<AdherenceReader> {
  const vector = await readClassifier(path, JUDGE.name, JUDGE);
  const runner = ortRunner({ threads });
  const read = await classifierReader(runner, { shape: JUDGE, vector, resident: JUDGE.name }, 1);
  return {
    async adherence(picture, prompt) {
      if (picture.width !== JUDGE.size || picture.height !== JUDGE.size) return undefined;
      const labels = namedLabels(prompt);
      if (Object.values(labels).every((label) => label === ABSENT)) return undefined;
      const [seen] = await read([rgbOf(picture)]);
      const { right, shown } = rightOf(seen!.classes, labels);
      return right / shown;
    },
    dispose: () => runner.dispose(),
  };
}
