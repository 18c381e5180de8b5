// The texts of a picture that a JPEG or WebP file has room for: A1111's generation text for other programs and fewstep's own for `replay`.
// A JPEG holds 64 KB of both, so a long prompt (which stands in each of them) leaves one out, and it is said which.
import { EXIF_BYTES, type ExifTexts, FEWSTEP_KEY, FewstepError, type WrittenText, writeExif } from "@fewstep/core";

/** What is left out, the least first. A picture is worth more than texts too long for it. */
const LEFT_OUT = [
  "",
  "the picture goes without fewstep's own text, so that `fewstep replay` has other tools' words alone",
  "the picture goes without other tools' words",
  "the picture goes without its settings",
] as const;

export function exifOf(
  texts: readonly WrittenText[],
  format: keyof typeof EXIF_BYTES,
  note: (text: string) => void,
): { readonly exif?: Uint8Array<ArrayBuffer> } {
  const of = (keyword: string) => texts.find((one) => one.keyword === keyword)?.text;
  const [comment, own] = [of("parameters"), of(FEWSTEP_KEY)];
  const both = { ...(comment === undefined ? {} : { comment }), ...(own === undefined ? {} : { own }) };
  const choices: readonly (ExifTexts | undefined)[] = [
    both,
    comment === undefined ? undefined : { comment },
    own === undefined ? undefined : { own },
  ];
  let found = "";
  for (const [i, choice] of choices.entries()) {
    if (choice === undefined) continue;
    try {
      const exif = writeExif(choice, EXIF_BYTES[format]);
      if (i > 0) note(`${LEFT_OUT[i]}: ${found}`);
      return { exif };
    } catch (error) {
      if (!(error instanceof FewstepError) || error.code !== "exif-text-too-large") throw error;
      found ||= `a ${format} file holds ${EXIF_BYTES[format]} bytes, all texts are ${error.found}`;
    }
  }
  note(`${LEFT_OUT.at(-1)}: ${found}`);
  return {};
}
