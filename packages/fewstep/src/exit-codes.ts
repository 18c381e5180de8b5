// What the command's exit code says: 0 done, 1 could not be done, 2 bad input, 130 interrupted (as shells count signals).
import { type ErrorKind, FewstepError } from "@fewstep/core";

const CODES: Readonly<Record<ErrorKind, number>> = { failed: 1, input: 2, interrupted: 130 };

export function exitCodeOf(error: unknown): number {
  return error instanceof FewstepError ? CODES[error.kind] : CODES.failed;
}
