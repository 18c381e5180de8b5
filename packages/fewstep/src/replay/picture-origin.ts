// What a picture file says of how it was made, as far as it can be made again: its settings, and fewstep's plan if there is one.
import {
  FewstepError,
  type MetadataTool,
  type PictureCoding,
  type PictureFormat,
  type PictureSettings,
  type Pixels,
  readFewstepText,
  readMetadata,
  readPlan,
  type StoredPlan,
} from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import { readPicture } from "../run/read-picture.js";

export interface PictureOrigin {
  readonly name: string;
  readonly pixels: Pixels;
  /** JPEG and WebP hold pixels only nearly. */
  readonly format: PictureFormat;
  /** How fewstep coded them. */
  readonly coding?: PictureCoding;
  readonly tool: MetadataTool;
  readonly settings: PictureSettings;
  /** Of fewstep's own pictures. */
  readonly plan?: StoredPlan;
}

/** @throws FewstepError `picture-without-settings`, `fewstep-text`, `bad-plan`, and the codes of readPicture */
export async function pictureOrigin(path: string, signal: AbortSignal): Promise<PictureOrigin> {
  const pixels = await readPicture(path, signal);
  const { name, blob } = await openFile(path);
  const { reading, faults, format } = await readMetadata(new Uint8Array(await blob.slice(0, blob.size).arrayBuffer()), {
    signal,
  });
  const [fault] = faults;
  // a picture of fewstep's whose own text is damaged says less in the others: better no answer than a wrong one
  if (fault !== undefined && (reading === undefined || fault.code === "fewstep-text")) throw fault;
  if (reading === undefined) {
    throw new FewstepError({
      code: "picture-without-settings",
      message: `${name} does not say how it was made`,
      expected: "the metadata of fewstep, A1111, ComfyUI, InvokeAI, Fooocus, NovelAI or SwarmUI",
      hint: "upload services and image editors take it out: use the original file",
    });
  }
  const { tool, settings, raw } = reading;
  const own = tool === "fewstep" ? readFewstepText(raw) : undefined;
  const [plan, coding] = [own?.plan, own?.coding];
  return {
    name,
    pixels,
    format,
    tool,
    settings,
    ...(plan === undefined ? {} : { plan: readPlan(plan) }),
    ...(coding?.format === format && { coding }),
  };
}
