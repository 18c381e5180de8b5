// The embedded model's judge as a scorer. It reads pictures of the embedded model; on others it would answer all the same and mean nothing, so
// it is asked only where that model made them.
import type { PictureScorer } from "@fewstep/core";
import { openAdherence } from "@fewstep/tiny/adherence";

/** @param id hash of the judge's file */
export async function judgeScorer(path: string, id: string, threads?: number): Promise<PictureScorer> {
  const judge = await openAdherence(path, threads);
  return {
    kind: "judge",
    id,
    async score({ pixels, prompt }) {
      const adherence = await judge.adherence(pixels, prompt);
      return adherence === undefined ? {} : { adherence };
    },
    dispose: () => judge.dispose(),
  };
}
