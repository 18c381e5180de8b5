// What the containers of pictures tell without decoding them.

import type { FewstepError } from "../errors.js";
import type { PictureSize } from "./picture-size.js";

export type ContainerScan = {
  readonly exif: Uint8Array | undefined;
  /** As the file claims it; nothing is decoded. */
  readonly size: PictureSize | undefined;
  readonly faults: readonly FewstepError[];
};
