// The one error type of fewstep. An error teaches: what was found, what was expected, what to do.

/** `input`: the user gave something unusable (exit 2); `failed`: it could not be done (exit 1); `interrupted` (exit 130). */
export type ErrorKind = "input" | "failed" | "interrupted";

export interface ErrorDetails {
  /** Stable, kebab-case, documented: what programs match on. */
  readonly code: string;
  readonly kind?: ErrorKind;
  /** One short sentence without a full stop. */
  readonly message: string;
  readonly found?: string;
  readonly expected?: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Thrown by every part of fewstep for a problem that it understands. */
export class FewstepError extends Error {
  override readonly name = "FewstepError";
  readonly code: string;
  readonly kind: ErrorKind;
  readonly summary: string;
  readonly found: string | undefined;
  readonly expected: string | undefined;
  readonly hint: string | undefined;

  constructor(details: ErrorDetails) {
    super(
      [
        details.message,
        details.found !== undefined ? `found: ${details.found}` : "",
        details.expected !== undefined ? `expected: ${details.expected}` : "",
        details.hint !== undefined ? `what to do: ${details.hint}` : "",
      ]
        .filter((line) => line !== "")
        .join("\n  "),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = details.code;
    this.kind = details.kind ?? "input";
    this.summary = details.message;
    this.found = details.found;
    this.expected = details.expected;
    this.hint = details.hint;
  }
}

/** An interruption asked for through an AbortSignal. */
export function interrupted(): FewstepError {
  return new FewstepError({ code: "interrupted", kind: "interrupted", message: "interrupted" });
}
