// A value from a file or from flags -> CompareRequest, or every problem with its place. Where a place lies in a file is the caller's to say.
import { FewstepError } from "../errors.js";
import type { ComparedLora, CompareRequest } from "./compare-request.js";
import { type JsonPath, type SchemaProblem, schemaProblems } from "./json-schema.js";
import { compareSchema } from "./request-schema.js";

/** Problems shown at once. */
const MAX_SHOWN = 5;

type RawRequest = Omit<CompareRequest, "loras" | "models"> & {
  readonly models?: readonly string[];
  readonly loras?: readonly (string | ComparedLora)[];
};

/**
 * @param place how a path is written, with line and column if they are known
 * @throws FewstepError `bad-comparison` with the first problems
 */
export function readCompareRequest(
  value: unknown,
  place: (path: JsonPath, atKey: boolean) => string = (path) => pathText(path),
): CompareRequest {
  const problems = schemaProblems(compareSchema, value);
  if (problems.length > 0) throw badComparison(problems, place);
  const { loras, ...rest } = value as RawRequest;
  const request = { ...rest, models: rest.models ?? [] };
  if (loras === undefined) return request;
  return { ...request, loras: loras.map((lora) => (typeof lora === "string" ? { file: lora } : lora)) };
}

/** `prompts[1].negative` */
export function pathText(path: JsonPath): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  return text === "" ? "the comparison" : text.replace(/^\./, "");
}

function badComparison(
  problems: readonly SchemaProblem[],
  place: (path: JsonPath, atKey: boolean) => string,
): FewstepError {
  const lines = problems.slice(0, MAX_SHOWN).map(({ path, atKey = false, found }) => `${place(path, atKey)}: ${found}`);
  const more = problems.length - lines.length;
  return new FewstepError({
    code: "bad-comparison",
    message:
      problems.length === 1 ? "the comparison cannot be read" : "the comparison cannot be read in several places",
    found: [...lines, ...(more === 0 ? [] : [`and ${more} more`])].join("\n         "),
    expected: problems
      .slice(0, MAX_SHOWN)
      .map(({ expected }) => expected)
      .join("\n            "),
  });
}
