// What the containers of pictures tell without decoding them.

import type { FewstepError } from "../errors.js";

export type PictureSize = { readonly width: number; readonly height: number };

export type ContainerScan = {
  readonly exif: Uint8Array | undefined;
  /** As the file claims it; nothing is decoded. */
  readonly size: PictureSize | undefined;
  readonly faults: readonly FewstepError[];
};
