// All accelerators, one file each in families/. Order is that of the first listing a user sees.
import type { Accelerator, AcceleratorVariant } from "./accelerator.js";
import { dmd2 } from "./families/dmd2.js";
import { flash } from "./families/flash.js";
import { hyper } from "./families/hyper.js";
import { lcm } from "./families/lcm.js";
import { lightning } from "./families/lightning.js";
import { nitro } from "./families/nitro.js";
import { pcm } from "./families/pcm.js";
import { sdxs } from "./families/sdxs.js";
import { tcd } from "./families/tcd.js";
import { turbo } from "./families/turbo.js";
import { frozen } from "./frozen.js";

export const accelerators: readonly Accelerator[] = frozen([
  lcm,
  lightning,
  hyper,
  turbo,
  tcd,
  dmd2,
  pcm,
  flash,
  nitro,
  sdxs,
]);

export const acceleratorVariants: readonly AcceleratorVariant[] = frozen(
  accelerators.flatMap(({ variants }) => variants),
);
