// Float values as F16 tensors of a file.
import { FewstepError, fromFloat32, type TensorToWrite } from "@fewstep/core";

/** The largest finite F16. */
const F16_MAX = 65504;

/** Throws `weight-not-in-f16` for a value that F16 cannot hold, not finite ones included. */
export function f16Tensor(name: string, shape: readonly number[], values: Float32Array): TensorToWrite {
  const bad = values.find((value) => !(Math.abs(value) <= F16_MAX));
  if (bad !== undefined) {
    throw new FewstepError({
      code: "weight-not-in-f16",
      kind: "failed",
      message: `${name} holds a value that F16 cannot`,
      found: String(bad),
      expected: `at most ${F16_MAX} in size`,
      hint: "the training diverged: export an earlier state",
    });
  }
  return { name, dtype: "f16", shape, chunks: () => [fromFloat32(values, "f16")] };
}
