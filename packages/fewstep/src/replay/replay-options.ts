// The options of `fewstep replay`, as commander reads them.
import type { NoiseSourceName, ToolName } from "@fewstep/core";
import type { DeviceName } from "../run/device-line.js";
import type { ReplayFiles } from "./find-inputs.js";

export interface ReplayOptions extends ReplayFiles {
  readonly like?: ToolName;
  /** Where another tool drew the noise of its steps. */
  readonly stepSource?: NoiseSourceName;
  readonly out?: string;
  readonly force?: boolean;
  readonly anyway?: boolean;
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly json?: boolean;
}
