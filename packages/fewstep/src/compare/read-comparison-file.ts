// A comparison's YAML or JSON file -> CompareRequest. YAML 1.2 holds JSON, so one parser reads both and knows the line of everything.
import { readFile, stat } from "node:fs/promises";
import { type CompareRequest, FewstepError, type JsonPath, pathText, readCompareRequest } from "@fewstep/core";
import { type Document, isMap, LineCounter, type Node, parseDocument } from "yaml";

/** A hundred long prompts are 100 KB. */
const MAX_BYTES = 1_000_000;
/** Aliases blown up to more nodes than this are an attack ("billion laughs"). */
const MAX_ALIASES = 100;

/** @throws FewstepError `file-not-found`, `bad-comparison` with line and column */
export async function readComparisonFile(path: string): Promise<CompareRequest> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) {
    throw new FewstepError({ code: "file-not-found", message: "the comparison's file is not there", found: path });
  }
  if (stats.size > MAX_BYTES) throw bad(path, `${stats.size} bytes`, `at most ${MAX_BYTES} bytes`);
  return parseComparison(await readFile(path, "utf8"), path);
}

export function parseComparison(text: string, name: string): CompareRequest {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) throw bad(placeAt(name, lines, error.pos[0]), error.message, "YAML or JSON");
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw bad(name, (cause as Error).message, "a document without piled-up aliases");
  }
  return readCompareRequest(value, (path, atKey) => {
    const offset = offsetOf(document, path, atKey);
    return `${placeAt(name, lines, offset)}: ${pathText(path)}`;
  });
}

function placeAt(name: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${line}:${col}`;
}

/** Where a value, or its key, begins; the nearest thing around it where it has no place. */
function offsetOf(document: Document, path: JsonPath, atKey: boolean): number {
  if (atKey) {
    const parent = document.getIn(path.slice(0, -1), true);
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(path.at(-1))) : undefined;
    const range = (pair?.key as Node | undefined)?.range;
    if (range) return range[0];
  }
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = (node as Node | null | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}

function bad(place: string, found: string, expected: string): FewstepError {
  return new FewstepError({
    code: "bad-comparison",
    message: "the comparison cannot be read",
    found: `${place}: ${found}`,
    expected,
  });
}
