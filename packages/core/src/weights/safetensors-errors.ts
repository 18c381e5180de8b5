// Every reason for which a safetensors file is refused: stable codes with what they mean. Beside these the reader throws `file-is-KIND`
// (files/container.ts: the file is something else), `file-changed`, `file-unreadable` and `interrupted`.
import { type ErrorDetails, FewstepError } from "../errors.js";

export const SAFETENSORS_ERRORS = {
  "safetensors-too-short": "the file has fewer than the 8 bytes of the header length",
  "safetensors-header-too-large": "the header is, or claims to be, over 100,000,000 bytes",
  "safetensors-header-cut": "the file ends inside its header",
  "safetensors-file-too-large": "the file is over 256 GiB",
  "safetensors-not-utf8": "the header is not UTF-8",
  "safetensors-not-json": "the header is not JSON",
  "safetensors-header-not-object": "the header is JSON, but not an object",
  "safetensors-duplicate-key": "an object of the header has a key twice",
  "safetensors-bad-metadata": "__metadata__ is not an object of strings",
  "safetensors-bad-entry": "the dtype, shape or data_offsets of a tensor are missing or of the wrong form",
  "safetensors-bad-offsets": "a tensor ends before it begins",
  "safetensors-unknown-dtype": "a dtype that the format does not have",
  "safetensors-too-many-tensors": "more tensors than MAX_TENSORS",
  "safetensors-too-many-axes": "a shape of more axes than MAX_RANK",
  "safetensors-name-too-long": "a tensor name of more characters than MAX_TENSOR_NAME_LENGTH",
  "safetensors-overflow": "a size or offset beyond 2^53",
  "safetensors-misaligned": "elements of 4 or 6 bits that end inside a byte",
  "safetensors-size-mismatch": "offsets that disagree with shape and dtype",
  "safetensors-overlap": "a tensor begins before the one before it ends",
  "safetensors-hole": "a tensor begins after the one before it ends",
  "safetensors-truncated": "the file ends before the last tensor does",
  "safetensors-trailing-bytes": "the file goes on after the last tensor",
} as const;

export type SafetensorsErrorCode = keyof typeof SAFETENSORS_ERRORS;

export function safetensorsError(code: SafetensorsErrorCode, details: Omit<ErrorDetails, "code">): FewstepError {
  return new FewstepError({ code, ...details });
}
