// --feedback and --critic: a critic's file, the teacher's decoder and the captions, as parts of an objective.
import { FewstepError } from "@fewstep/core";
import { type DistillOptions, type Feedback, frozenDecoder, type PictureCritic, pictureCritic } from "@fewstep/train";
import { HYPER_DEFAULTS } from "./adapter-options.js";
import type { AdapterRun } from "./adapter-run.js";

type Inputs = Pick<AdapterRun, "shared" | "teacher" | "vae" | "signal">;

/** Throws `critic-size` and the codes of openCritic. */
async function opened(path: string, { shared, teacher, vae, signal }: Inputs) {
  const { openCritic } = await import("@fewstep/tiny/critic");
  const critic = await openCritic(path, signal);
  const [, height, width] = shared.shape;
  const pixels = 8 * Math.max(height, width);
  if (critic.shape.size !== pixels || height !== width)
    throw new FewstepError({
      code: "critic-size",
      message: "the critic reads pictures of another size",
      found: `pictures of ${8 * width}x${8 * height}`,
      expected: `${critic.shape.size}x${critic.shape.size}`,
      hint: `train at --size ${critic.shape.size}`,
    });
  return { critic, decoder: frozenDecoder(vae, teacher.scalingFactor) };
}

/** Throws `feedback-names-nothing` and what `opened` throws. */
export async function feedbackOf(run: AdapterRun): Promise<Feedback | undefined> {
  const { feedback, feedbackWeight, feedbackThreshold } = run.options;
  if (feedback === undefined) return undefined;
  const { critic, decoder } = await opened(feedback, run);
  const { criticFeedback, namesSomething } = await import("@fewstep/tiny/critic");
  checkCaptions(run.shared, namesSomething);
  return criticFeedback(critic, decoder, {
    weight: feedbackWeight ?? HYPER_DEFAULTS.feedbackWeight,
    threshold: feedbackThreshold ?? HYPER_DEFAULTS.feedbackThreshold,
  });
}

/** Throws what `opened` throws. */
export async function pictureCriticOf(path: string, run: Inputs): Promise<PictureCritic> {
  const { critic, decoder } = await opened(path, run);
  const { criticFeatures } = await import("@fewstep/tiny/critic");
  return pictureCritic(decoder, criticFeatures(critic), run.shared.base.unet.contextWidth);
}

function checkCaptions({ data }: Pick<DistillOptions, "data">, namesSomething: (caption: string) => boolean): void {
  for (let i = 0; i < data.count; i++) if (namesSomething(data.caption(i))) return;
  throw new FewstepError({
    code: "feedback-names-nothing",
    message: "no caption names anything that the critic can read",
    found: `${data.count} captions, such as ${JSON.stringify(data.caption(0).slice(0, 80))}`,
    expected: "tags in the illustrator's words, such as blue hair or red hoodie",
    hint: "leave --feedback out for other pictures",
  });
}
