// Reads a golden .safetensors file from disk, whole.
import { openFile } from "@fewstep/core/node";
import type { GoldenTensors } from "./golden-case.js";
import { goldenTensors } from "./golden-tensors.js";

export const readGolden = async (path: string): Promise<GoldenTensors> => goldenTensors(await openFile(path));
