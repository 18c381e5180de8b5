// --teacher: a Stable Diffusion 1.x checkpoint as distillation needs it. Its weights stay in the file; the trainer's graphs read them there.
import { type Checkpoint, FewstepError } from "@fewstep/core";
import { openModel } from "@fewstep/core/node";

export interface Teacher extends Checkpoint {
  readonly vae: NonNullable<Checkpoint["vae"]>;
  /** Pixels of a side that it was trained at, as far as its file says; else the family's. */
  readonly size: number;
}

/** Throws `teacher-not-sd15`, `teacher-without-origin`, `teacher-not-plain`, `teacher-without-vae`, and the codes of openModel. */
export async function openTeacher(path: string, signal: AbortSignal): Promise<Teacher> {
  const checkpoint = await openModel(path, { signal });
  const { family, vae, name, prediction, unet } = checkpoint;
  if (family.id !== "sd15" || prediction.type === "sample")
    throw new FewstepError({
      code: "teacher-not-sd15",
      message: `${name} cannot be a teacher here`,
      found: `${family.title}, predicting ${prediction.type}`,
      expected: "a Stable Diffusion 1.x checkpoint that predicts epsilon or v",
    });
  if (prediction.type === "epsilon" && checkpoint.zeroTerminalSnr)
    throw new FewstepError({
      code: "teacher-without-origin",
      message: `${name} cannot be a teacher here`,
      found: "epsilon at zero terminal SNR",
      expected: "v where the last timestep is pure noise: epsilon says nothing of the picture there",
    });
  const { inChannels, outChannels } = unet.config;
  if (inChannels !== outChannels || unet.config.guidanceWidth !== undefined)
    throw new FewstepError({
      code: "teacher-not-plain",
      message: `${name} cannot be a teacher here`,
      found: inChannels === outChannels ? "a UNet that is told its guidance" : `a UNet of ${inChannels} channels`,
      expected: "a text-to-image checkpoint: no inpainting model, and no distilled one",
    });
  if (vae === undefined)
    throw new FewstepError({
      code: "teacher-without-vae",
      message: `${name} has no VAE: pictures cannot be encoded`,
      hint: "use a checkpoint with its VAE",
    });
  return { ...checkpoint, vae, size: family.size.width };
}
