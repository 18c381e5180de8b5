// The small checkpoints that tests of the command run on.
import { fileURLToPath } from "node:url";

export { testCheckpoint as testModel } from "../../../scripts/test-checkpoint.mjs";

export const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
