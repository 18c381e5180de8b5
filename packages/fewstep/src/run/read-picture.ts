// A picture file that a run starts from, as pixels. PNG needs nothing; JPEG and WebP need the sharp package, which the user installs.
import { decodePicture, FewstepError, type Pixels } from "@fewstep/core";
import { openFile, sharpCodec } from "@fewstep/core/node";

/** Beyond any picture that is decoded; refused before a byte is read. */
const MAX_BYTES = 64 * 1024 * 1024;
/** The first bytes of JPEG and WebP (RIFF): files that need the codec. What else a file is, decodePicture says. */
const CODEC_FORMATS = [
  [0xff, 0xd8, 0xff],
  [0x52, 0x49, 0x46, 0x46],
] as const;

/** @throws FewstepError `image-too-large`, `image-codec-missing` without sharp, and the codes of openFile and decodePicture */
export async function readPicture(path: string, signal: AbortSignal): Promise<Pixels> {
  const { name, blob } = await openFile(path);
  if (blob.size > MAX_BYTES) {
    throw new FewstepError({
      code: "image-too-large",
      message: `${name} is too large for a picture`,
      found: `${blob.size} bytes`,
      expected: `at most ${MAX_BYTES}`,
    });
  }
  const bytes = new Uint8Array(await blob.slice(0, blob.size).arrayBuffer());
  const needsCodec = CODEC_FORMATS.some((start) => start.every((byte, i) => bytes[i] === byte));
  return decodePicture(bytes, { signal, ...(needsCodec ? { codec: await sharpCodec() } : {}) });
}
