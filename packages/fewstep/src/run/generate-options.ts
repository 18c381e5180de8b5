// The options of `fewstep generate`, as commander reads them.
import type { WritableTool } from "@fewstep/core";
import type { DeviceName } from "./device-line.js";
import type { RunOptions } from "./open-run.js";
import type { PictureOptions } from "./picture-options.js";
import type { ChoiceOptions } from "./prompt-choices.js";

export interface GenerateOptions extends RunOptions, PictureOptions, ChoiceOptions {
  readonly promptsFile?: string;
  /** Undefined: a name of its own that is free. */
  readonly out?: string;
  /** Of JPEG and WebP. */
  readonly quality?: number;
  readonly force?: boolean;
  readonly preview?: boolean;
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly memory?: "low" | "fast";
  /** Findings end the run before it begins. */
  readonly strict?: boolean;
  /** Forms of metadata beside fewstep's own. */
  readonly metadata?: readonly WritableTool[];
  readonly fold?: "auto" | "always" | "never";
}
