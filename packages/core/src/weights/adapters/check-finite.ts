// Looks at every number of an adapter before it is used: one NaN in a factor turns whole pictures black. Reads the file once.
import { FewstepError } from "../../errors.js";
import { showName } from "../../files/show-name.js";
import { scanTensor } from "../scan-tensor.js";
import type { Adapter } from "./adapter.js";
import { deltaTensors } from "./delta-size.js";

/** Throws `adapter-not-finite` naming the first tensor that holds NaN or infinity, and what reading throws. */
export async function checkFinite(adapter: Adapter, signal?: AbortSignal): Promise<void> {
  for (const { delta } of adapter.targets) {
    for (const tensor of deltaTensors(delta)) {
      const { nan, infinite, elements } = await scanTensor(tensor, signal);
      if (nan + infinite === 0) continue;
      throw new FewstepError({
        code: "adapter-not-finite",
        message: `${adapter.name} has numbers that are none`,
        found: `${showName(tensor.name)}: ${nan} NaN and ${infinite} infinite of ${elements}`,
        expected: "finite numbers",
        hint: "its training failed or the file is damaged: download it again, or use another version of it",
      });
    }
  }
}
