// Golden metadata: every picture of data/metadata against its JSON, field by field. Everything is exact, so a check is 0 or 1 against 0.
// `note` and `rule` are prose for people; `where` of a hostile file is prose too, and is checked as the fault code it must give.

import {
  type PictureMetadata,
  type PictureSettings,
  readComfyWorkflow,
  readMetadata,
  type TextEntry,
} from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";

type Golden = {
  readonly file: string;
  readonly picture: { readonly width: number; readonly height: number };
  readonly tool: string | null;
  readonly where: string;
  readonly raw?: string;
  readonly raw_prompt?: string;
  readonly pairs?: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, unknown>> | null;
  readonly hostile?: boolean;
};

/** The prose of hostile files' `where`, and the code the reader must report for it. */
const HOSTILE: ReadonlyMap<string, string> = new Map([
  ["chunk of 2 GB announced", "png-truncated"],
  ["first text chunk has a wrong CRC; the second is fine", "png-crc"],
  ["prompt is cut JSON", "json-broken"],
  ["file ends inside the first text chunk", "png-truncated"],
  ["graph with a cycle and a missing node", "comfyui-cycle"],
  ["iTXt that is not UTF-8, then a good chunk", "png-text-utf8"],
  ["zTXt that does not inflate, then a good chunk", "deflate-broken"],
  ["8 MB of one letter in a small zTXt", "deflate-too-large"],
]);

/** One case a JSON file. `readBytes` gives a file beside it. */
export function* cases(
  fileJson: unknown,
  fileName: string,
  readBytes: (name: string) => Promise<Uint8Array>,
): Iterable<GoldenCase> {
  const golden = fileJson as Golden;
  yield {
    id: `metadata/${fileName.replace(/\.json$/, "")}`,
    run: async () => {
      const metadata = await readMetadata(Uint8Array.from(await readBytes(golden.file)));
      return [...checkFile(golden, metadata), ...checkSettings(golden, metadata), ...checkText(golden, metadata)];
    },
  };
}

function* checkFile(
  golden: Golden,
  { size, reading, faults, source, entries }: PictureMetadata,
): Iterable<GoldenCheck> {
  yield exact("picture.width", size?.width, golden.picture.width);
  yield exact("picture.height", size?.height, golden.picture.height);
  if (golden.hostile) {
    yield exact("where", faults[0]?.code, HOSTILE.get(golden.where));
    // A hostile file states no tool, so there is nothing to compare it with.
    yield exact("tool", null, golden.tool);
    return;
  }
  yield exact("tool", reading?.tool ?? null, golden.tool);
  yield exact("where", describe(source, entries), golden.where);
  yield exact(
    "faults",
    faults.map(({ code }) => code),
    [],
  );
}

function* checkSettings({ expected }: Golden, { reading }: PictureMetadata): Iterable<GoldenCheck> {
  yield exact("expected", reading === undefined, expected === null);
  for (const [field, value] of Object.entries(expected ?? {})) {
    if (field !== "note") yield exact(`expected.${field}`, settingOf(reading?.settings, field), value);
  }
}

function* checkText(golden: Golden, { reading, entries }: PictureMetadata): Iterable<GoldenCheck> {
  const raw = golden.raw ?? golden.raw_prompt;
  if (raw !== undefined) yield exact("raw", reading?.raw, raw);
  if (golden.pairs !== undefined) yield exact("pairs", reading?.pairs, Object.entries(golden.pairs));
  for (const [key, value] of Object.entries(golden.pairs ?? {})) {
    yield exact(`pairs.${key}`, new Map(reading?.pairs).get(key), value);
  }
  if (golden.tool !== "comfyui" || golden.expected === null) return;
  // The UI graph beside the API graph must say the same.
  const workflow = entries.find(({ keyword, text }) => keyword === "workflow" || text.startsWith("workflow:"));
  const settings = readComfyWorkflow(workflow?.text.replace(/^workflow:/, "") ?? "")?.settings;
  for (const [field, value] of Object.entries(golden.expected)) {
    if (field !== "note") yield exact(`workflow.${field}`, settingOf(settings, field), value);
  }
}

function settingOf(settings: PictureSettings | undefined, field: string): unknown {
  if (field !== "hashes") return settings?.[field as keyof PictureSettings];
  return settings?.hashes && Object.fromEntries(settings.hashes.map(({ name, hash }) => [name, hash]));
}

/** Where a text lay, in the words of the goldens. */
function describe(source: TextEntry | undefined, entries: readonly TextEntry[]): string {
  if (source === undefined) return entries.length === 0 ? "no metadata" : "unread texts";
  const { keyword, text, place } = source;
  const others = new Set(entries.map((entry) => entry.keyword));
  if (place.chunk === "exif") {
    if (place.container === "png") return `PNG eXIf ${keyword}`;
    if (keyword === "Model") return `WebP EXIF Model = ${textKind(text)}, Make = ${textKind(entries[0]?.text)}`;
    const encoding =
      place.code === "ASCII"
        ? "ascii"
        : place.code === ""
          ? `undefined-${place.encoding.replace("-", "")}`
          : place.marked
            ? "bom"
            : place.encoding === `utf-16${place.byteOrder}`
              ? "unicode"
              : "unicode-other";
    return `${place.container.toUpperCase()} EXIF ${keyword}, TIFF ${place.byteOrder}, ${encoding}`;
  }
  const kind = others.has("fooocus_scheme") || others.has("Software") || text.includes("sui_image_params");
  return [
    `PNG ${place.chunk} ${keyword}`,
    others.has("workflow") ? " and workflow" : "",
    kind ? (text.startsWith("{") ? " (JSON)" : " (text)") : "",
    place.afterPixels ? " after IDAT" : "",
    place.chunk === "iTXt" && place.compressed ? ", deflated" : "",
    place.chunk === "iTXt" && place.language !== "" ? ", language tag" : "",
    others.has("fooocus_scheme") ? ", fooocus_scheme" : "",
    others.has("Software") ? ", Software" : "",
  ].join("");
}

function textKind(text: string | undefined): string {
  return text?.slice(0, text.indexOf(":")) ?? "missing";
}

function exact(name: string, actual: unknown, expected: unknown): GoldenCheck {
  return { name, difference: canonical(actual) === canonical(expected) ? 0 : 1, bound: 0 };
}

/** JSON with sorted keys, so that only values count. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "undefined"
  );
}
