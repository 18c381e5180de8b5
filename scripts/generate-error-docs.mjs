// Writes docs/errors.md, the list of all error codes, from the sources: node scripts/generate-error-docs.mjs. scripts/check-docs.mjs fails
// when the page differs from what this makes. It reads `code: "..."` with the message behind it, and calls of the few functions that take
// both; codes that are put together while running are said in words below.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../", import.meta.url));
const TEXT = /"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/.source;
const CODE = /"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)"/.source;
const EXIT = { input: 2, failed: 1, interrupted: 130 };

const INTRODUCTION = `<!-- Made by scripts/generate-error-docs.mjs. Edit the messages in the sources, not this page. -->

# Error codes

Every problem that fewstep understands is a \`FewstepError\` with a stable \`code\`, a short message, and mostly what was found, what was
expected and what to do. The command prints these on stderr, and with \`--json\` a line \`{"error": {...}}\` on stdout. The exit code is 2
for input that cannot be used, 1 for what could not be done, 130 for an interruption. A \`...\` stands for what is known only when it happens.

Some codes are put together: \`file-is-KIND\` and \`model-is-KIND\` (the file is something else, which is named, with what to do),
\`prompt-too-long\`, \`prompt-too-deep\` and \`prompt-too-many-...\` (a prompt beyond
a limit, which is named), \`unknown-sampler\`, \`unknown-schedule\`, \`unsupported-sampler\`, \`unsupported-schedule\`, \`image-cannot-decode\` and
\`image-cannot-encode\` (no codec for the format). \`system-error\` is an error of the operating system, \`unexpected-error\` one of fewstep itself.
`;

export function errorPage() {
  const rows = new Map();
  for (const path of sources()) {
    const text = readFileSync(path, "utf8");
    for (const found of codesOf(text)) {
      const file = relative(repository, path).replaceAll("\\", "/");
      const key = `${found.code} ${found.message}`;
      const row = rows.get(key) ?? { ...found, files: new Set() };
      rows.set(key, { ...row, files: row.files.add(file) });
    }
  }
  const sorted = [...rows.values()].sort((a, b) => (`${a.code} ${a.message}` < `${b.code} ${b.message}` ? -1 : 1));
  const lines = sorted.map(
    ({ code, kind, message, files }) =>
      `| \`${code}\` | ${message.replaceAll("|", "\\|")} | ${EXIT[kind]} | ${[...files].map(link).join(", ")} |`,
  );
  return `${INTRODUCTION}\n| code | message | exit | thrown in |\n| --- | --- | --- | --- |\n${lines.join("\n")}\n`;
}

function sources() {
  const folders = ["core", "train", "tiny", "fewstep"].map((name) => join(repository, "packages", name, "src"));
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(".ts") && !/\.test\.(?:fixture\.)?ts$/.test(path))
    .sort();
}

function* codesOf(text) {
  const object = new RegExp(
    `(sign: [^\\n]*\\s+)?code: ${CODE},\\s*(?:kind: "(\\w+)",\\s*)?message:\\s*([^;]*?),?\\s*(?:\\b(?:found|expected|hint|cause)\\b|\\.\\.\\.\\(|\\}\\))`,
    "g",
  );
  for (const [, sign, code, kind, value] of text.matchAll(object)) {
    // a table of what a runtime says of its failures
    yield* entries(code, kind ?? (sign === undefined ? "input" : "failed"), value);
  }
  for (const [, name] of text.matchAll(/function (\w+)\(code: string, message: string/g)) yield* calls(text, name);
  yield* calls(text, "pngError");
  for (const [, name, code] of text.matchAll(
    new RegExp(`function (\\w+)\\(message: string[^}]*?code: ${CODE}, message,`, "g"),
  )) {
    for (const [, value] of text.matchAll(new RegExp(`\\b${name}\\(\\s*(${TEXT})`, "g")))
      yield* entries(code, "input", value);
  }
  const table = /_ERRORS = \{\n([\s\S]*?)\n\} as const/.exec(text)?.[1] ?? "";
  for (const [, code, value] of table.matchAll(new RegExp(`${CODE}: (${TEXT})`, "g")))
    yield* entries(code, "input", value);
}

function* calls(text, name) {
  const call = new RegExp(`\\b${name}\\(\\s*${CODE},\\s*(${TEXT})`, "g");
  for (const [, code, value] of text.matchAll(call)) yield* entries(code, "input", value);
}

/** One entry for each wording of a message that is chosen when it happens. */
function* entries(code, kind, value) {
  for (const [quoted] of value.matchAll(new RegExp(TEXT, "g"))) {
    yield {
      code,
      kind,
      message: quoted
        .slice(1, -1)
        .replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "...")
        .replaceAll("\\", ""),
    };
  }
}

function link(file) {
  return `[${file.replace(/^packages\/([^/]+)\/src\//, "$1: ")}](../${file})`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(repository, "docs", "errors.md"), errorPage());
