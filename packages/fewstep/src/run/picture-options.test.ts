// --hires: a scale or a size. Options that say how are refused without the option that says what.
import { expect, test } from "vitest";
import { hiresSize, type PictureOptions } from "./picture-options.js";
import { pictureRequest } from "./picture-request.js";

const { signal } = new AbortController();

test.each([
  ["2", { scale: 2 }],
  ["1.5", { scale: 1.5 }],
  ["0", { scale: 0 }],
  ["1024x768", { width: 1024, height: 768 }],
  ["1024×768", { width: 1024, height: 768 }],
])("--hires %s", (text, size) => expect(hiresSize(text)).toEqual(size));

test.each(["", "x", "2x", "NaN", "abc", "1e999", "1,5"])("--hires %j is refused by its name", (text) => {
  expect(() => hiresSize(text)).toThrowError(
    expect.objectContaining({ code: "bad-option", message: expect.stringContaining("--hires cannot be read") }),
  );
});

test("nothing asked for is nothing", async () => {
  await expect(pictureRequest({}, "sd15", signal)).resolves.toEqual({});
});

test("values of 0 count, and lists of one are numbers", async () => {
  const options: PictureOptions = {
    hires: { scale: 2 },
    hiresStrength: 0,
    hiresGuidance: [2],
    seamless: "x",
    nag: true,
    nagAlpha: 0,
  };
  await expect(pictureRequest(options, "sd15", signal)).resolves.toEqual({
    hires: { scale: 2, strength: 0, guidance: 2 },
    seamless: "x",
    nag: { alpha: 0 },
  });
});

test.each<[string, PictureOptions]>([
  ["--strength without --init FILE", { strength: 0 }],
  ["--encode without --init FILE", { encode: "mean" }],
  ["--mask without --init FILE", { mask: "m.png" }],
  ["--paste without --mask FILE", { paste: true }],
  ["--mask-blur without --mask FILE", { maskBlur: 0 }],
  ["--hires-guidance without --hires SCALE", { hiresGuidance: [1, 2] }],
  ["--hires-steps without --hires SCALE", { hiresSteps: 1 }],
  ["--nag-tau without --nag", { nagTau: 1 }],
])("%s", async (found, options) => {
  await expect(pictureRequest(options, "sd15", signal)).rejects.toMatchObject({
    code: "option-needs-another",
    kind: "input",
    found,
  });
});
