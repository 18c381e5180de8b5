// A given picture and its mask brought to the size that is made, by the plan's rule; pixels are resized as Pillow does it (Lanczos).
import { FewstepError } from "../errors.js";
import { blurMask } from "../image/blur-mask.js";
import { type Mask, maskFromGrey } from "../image/mask.js";
import { checkPictureSize } from "../image/picture-size.js";
import { emptyPixels, type Pixels, type Planes, pixelsToPlanes } from "../image/pixels.js";
import { crop, resize } from "../image/resize.js";
import type { GivenPicture, MaskPlan, PictureFit } from "./picture-request.js";

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

const sameSize = (a: PixelSize, b: PixelSize): boolean => a.width === b.width && a.height === b.height;
const shown = ({ width, height }: PixelSize): string => `${width} x ${height}`;

/**
 * Three planes in [-1, 1] of exactly `size`.
 * @throws FewstepError `picture-size` where the fit forbids a resize or planes would need one; `image-too-many-pixels` where it would
 * have to grow beyond reason; `pixels-shape`
 */
export function fitPicture(picture: GivenPicture, size: PixelSize, fit: PictureFit): Planes {
  if ("channels" in picture) {
    const { width, height, channels, data } = picture;
    const whole = channels === 3 && data.length === 3 * width * height;
    if (whole && sameSize(picture, size) && data.every(Number.isFinite)) return picture;
    throw pictureSize(picture, size, "give pixels, which are resized, or three finite planes of this size");
  }
  return pixelsToPlanes(fitPixels(picture, size, fit));
}

/**
 * The mask of a picture, as it lies on the fitted one: 1 is painted. Softened by the plan's blur.
 * @throws FewstepError `mask-size` where it has not the picture's size
 */
export function fitMask(mask: Mask, picture: PixelSize, size: PixelSize, fit: PictureFit, plan: MaskPlan): Mask {
  if (!sameSize(mask, picture) || mask.data.length !== mask.width * mask.height) {
    throw new FewstepError({
      code: "mask-size",
      message: "the mask does not fit its picture",
      found: `${shown(mask)}, ${mask.data.length} values`,
      expected: `${shown(picture)}, the picture's size`,
    });
  }
  const painted = plan.paint === "white" ? mask : { ...mask, data: mask.data.map((value) => 1 - value) };
  const fitted = sameSize(mask, size) ? painted : maskFromGrey(fitPixels(greyOf(painted), size, fit));
  return blurMask(fitted, plan.blur);
}

function fitPixels(pixels: Pixels, size: PixelSize, fit: PictureFit): Pixels {
  if (sameSize(pixels, size)) return pixels;
  switch (fit) {
    case "stretch":
      return resize(pixels, size.width, size.height, "lanczos");
    case "cover": {
      const scale = Math.max(size.width / pixels.width, size.height / pixels.height);
      const [width, height] = [
        Math.max(size.width, Math.round(pixels.width * scale)),
        Math.max(size.height, Math.round(pixels.height * scale)),
      ];
      // a strip of one pixel's width would grow without limit
      checkPictureSize({ width, height });
      const [left, top] = [Math.floor((width - size.width) / 2), Math.floor((height - size.height) / 2)];
      return crop(resize(pixels, width, height, "lanczos"), left, top, size.width, size.height);
    }
    case "exact":
      throw pictureSize(pixels, size, 'resize it, or use the fit "stretch" or "cover"');
    default:
      return fit satisfies never;
  }
}

function greyOf({ width, height, data }: Mask): Pixels {
  const pixels = emptyPixels(width, height);
  for (let i = 0; i < data.length; i++) pixels.data.fill(Math.round(data[i]! * 255), i * 4, i * 4 + 3);
  for (let i = 3; i < pixels.data.length; i += 4) pixels.data[i] = 255;
  return pixels;
}

function pictureSize(found: PixelSize, size: PixelSize, hint: string): FewstepError {
  return new FewstepError({
    code: "picture-size",
    message: "the picture to start from has not the size of what is made",
    found: shown(found),
    expected: shown(size),
    hint,
  });
}
