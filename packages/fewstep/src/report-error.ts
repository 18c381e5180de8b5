// Errors for people (found, expected, what to do, on stderr) and for programs (one line of JSON, on stdout).
import { FewstepError } from "@fewstep/core";

/** The lines for stderr. */
export function errorText(error: unknown): string {
  const { message } = asFewstepError(error);
  return `fewstep: ${message}\n`;
}

/** The line for stdout under --json. */
export function errorJson(error: unknown): string {
  const { code, kind, summary, found, expected, hint } = asFewstepError(error);
  return `${JSON.stringify({ error: { code, kind, message: summary, found, expected, hint } })}\n`;
}

/** Errors of the system and of fewstep itself, which nobody explained on the way. */
function asFewstepError(error: unknown): FewstepError {
  if (error instanceof FewstepError) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  const fromSystem = syscall !== undefined;
  return new FewstepError({
    code: fromSystem ? "system-error" : "unexpected-error",
    kind: "failed",
    message: fromSystem ? "the system refused something" : "something went wrong inside fewstep",
    found:
      error instanceof Error
        ? fromSystem
          ? `${code}: ${error.message}`
          : (error.stack ?? error.message)
        : String(error),
    hint: fromSystem ? "check the permissions and the space of the files named" : "report the command and this message",
    cause: error,
  });
}
