// Rules on the picture's size. Sizes a family was trained at come from families/family.ts.
import { type FamilyId, families } from "../../families/family.js";
import type { LintContext } from "./lint-context.js";
import { type LintRule, variantOf } from "./rule.js";

const sizeText = ({ run: { size } }: LintContext) => (size === undefined ? "" : `${size.width} x ${size.height}`);
const baseSize = ({ run: { base } }: LintContext) => base.size ?? families[base.family].size.width;
const trainedSize = (context: LintContext) => context.variant?.settings.size ?? baseSize(context);

const isMultiple = (step: number, { run: { size } }: LintContext) =>
  size === undefined || (size.width % step === 0 && size.height % step === 0);

/** Longest side over shortest in the training data. SDXL: its paper's appendix I; the others were trained on squares. */
const widestRatio: Readonly<Record<FamilyId, number>> = { sd15: 2, sd21: 2, sdxl: 4 };

export const sizeRules: readonly LintRule[] = [
  {
    code: "size-not-multiple-of-8",
    severity: "error",
    holds: (c) => !isMultiple(8, c),
    reason: (c) => `${sizeText(c)} is not a whole number of latent pixels`,
    fix: () => "use multiples of 8, best of 64",
    source: "the VAE's factor of 8",
  },
  {
    code: "size-not-multiple-of-64",
    severity: "note",
    holds: (c) => isMultiple(8, c) && !isMultiple(64, c),
    reason: (c) => `${sizeText(c)}: the UNet halves its input up to three times, odd sizes are padded on the way`,
    fix: () => "use multiples of 64",
    source: "Rombach et al. 2022; SDXL's training sizes (arXiv 2307.01952, appendix I)",
  },
  {
    code: "size-below-training",
    severity: "warning",
    holds: (c) => c.run.size !== undefined && c.run.size.width * c.run.size.height < trainedSize(c) ** 2 / 2,
    reason: (c) =>
      `${sizeText(c)} is less than half of the ${trainedSize(c)} x ${trainedSize(c)} trained for: crops and blur`,
    fix: (c) => `use ${trainedSize(c)} x ${trainedSize(c)}`,
    source: "arXiv 2307.01952, section 2.2; model cards",
  },
  {
    code: "size-above-training",
    severity: "warning",
    holds: (c) =>
      c.run.size !== undefined &&
      c.variant?.sizeIsLimit !== true &&
      c.run.fromPicture !== true &&
      c.run.size.width * c.run.size.height > 2.3 * Math.max(trainedSize(c), baseSize(c)) ** 2,
    reason: (c) => `${sizeText(c)} is more than twice the area trained for: subjects repeat`,
    fix: (c) => `make ${trainedSize(c)} x ${trainedSize(c)} and enlarge it from the picture`,
    source: "model cards of SD1.5 (512) and SDXL (1024)",
  },
  {
    code: "size-above-limit",
    severity: "warning",
    holds: ({ run: { size }, variant }) =>
      size !== undefined && variant?.sizeIsLimit === true && Math.max(size.width, size.height) > variant.settings.size,
    reason: (c) =>
      `${variantOf(c).title} was trained at ${variantOf(c).settings.size} pixels only: subjects appear twice above`,
    fix: (c) => `use ${variantOf(c).settings.size} x ${variantOf(c).settings.size}`,
    source: "model card stabilityai/sdxl-turbo",
  },
  {
    code: "aspect-extreme",
    severity: "warning",
    holds: ({ run: { size, base } }) =>
      size !== undefined && Math.max(size.width / size.height, size.height / size.width) > widestRatio[base.family],
    reason: (c) => `${sizeText(c)} is a longer strip than any picture it was trained on`,
    fix: (c) => `stay within ${widestRatio[c.run.base.family]} to 1`,
    source: "arXiv 2307.01952, appendix I",
  },
  {
    code: "not-square-at-few-steps",
    severity: "note",
    holds: ({ run: { size }, variant, steps }) =>
      size !== undefined &&
      variant?.squareUpTo !== undefined &&
      steps <= variant.squareUpTo &&
      size.width !== size.height,
    reason: (c) => `${variantOf(c).title} degrades off the square at 1 or 2 steps`,
    fix: () => "use a square, or the file for more steps",
    source: "arXiv 2402.13929, section 5.2",
  },
];
