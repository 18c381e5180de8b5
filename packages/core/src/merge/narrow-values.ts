// Float32 values as the bytes of a stored type, with a look at what does not survive: a value that is no number, or one that the type
// cannot hold. Rounding is to nearest, ties to even.
import { FewstepError } from "../errors.js";
import { showName } from "../files/show-name.js";
import { fromFloat32, toFloat32 } from "../tensor/convert.js";
import { type DType, safetensorsName } from "../tensor/dtype.js";

/** Throws `weight-not-finite`, or `weight-not-in-dtype` where a finite value overflows. */
export function narrowValues(values: Float32Array, dtype: DType, name: string): Uint8Array {
  const bytes = fromFloat32(values, dtype);
  const held = toFloat32(bytes, dtype);
  for (let i = 0; i < held.length; i++) {
    const value = held[i]!;
    if (value - value !== 0) throw unheld(values[i]!, dtype, name);
  }
  return bytes;
}

function unheld(value: number, dtype: DType, name: string): FewstepError {
  if (!Number.isFinite(value)) {
    return new FewstepError({
      code: "weight-not-finite",
      message: "a weight is no number",
      found: `${value} in ${showName(name)}`,
      expected: "finite numbers",
      hint: "the file is damaged: `fewstep inspect --deep` names all such tensors; get it again from its author",
    });
  }
  return new FewstepError({
    code: "weight-not-in-dtype",
    message: `a weight is too large for ${safetensorsName(dtype)}`,
    found: `${value} in ${showName(name)}`,
    hint: "write another type: bf16 and f32 hold any weight",
  });
}
