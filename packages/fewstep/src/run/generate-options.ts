// The options of `fewstep generate`, as commander reads them.
import type { DeviceName } from "./device-line.js";
import type { RunOptions } from "./open-run.js";

export interface GenerateOptions extends RunOptions {
  readonly promptsFile?: string;
  readonly out: string;
  readonly force?: boolean;
  readonly preview?: boolean;
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly memory?: "low" | "fast";
}
