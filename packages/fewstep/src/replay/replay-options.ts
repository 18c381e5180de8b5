// The options of `fewstep replay`, as commander reads them.
import type { ToolName } from "@fewstep/core";
import type { DeviceName } from "../run/device-line.js";
import type { ReplayFiles } from "./find-inputs.js";

export interface ReplayOptions extends ReplayFiles {
  readonly like?: ToolName;
  readonly out?: string;
  readonly force?: boolean;
  readonly anyway?: boolean;
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly json?: boolean;
}
