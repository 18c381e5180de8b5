// The pages under docs/ that are made from these tables are what scripts/generate-docs.mjs makes of them now.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { samplerNameTable, scheduleNameTable } from "../sampling/names.js";
import { samplerNames } from "../sampling/sampler-definitions.js";
import { scheduleNames } from "../sampling/schedules.js";
import { accelerators } from "./accelerators.js";
import { lintRules } from "./lint/lint.js";

interface Generator {
  documentationPages(tables: Readonly<Record<string, unknown>>): ReadonlyMap<string, string>;
}

const root = new URL("../../../../", import.meta.url);
const { documentationPages } = (await import(new URL("scripts/generate-docs.mjs", root).href)) as Generator;
const pages = documentationPages({
  accelerators,
  lintRules,
  samplerNames,
  scheduleNames,
  samplerNameTable,
  scheduleNameTable,
});

describe("documentation", () => {
  it.each([...pages])("docs/%s is up to date (else: npx tsc -b && node scripts/generate-docs.mjs)", (path, text) => {
    expect(readFileSync(new URL(`docs/${path}`, root), "utf8")).toBe(text);
  });

  it("has a page an accelerator and none too many", () => {
    const files = readdirSync(new URL("docs/accelerators/", root)).sort();
    const wanted = ["README.md", "lint-rules.md", ...accelerators.map(({ id }) => `${id}.md`)].sort();
    expect(files).toEqual(wanted);
  });

  it("holds every value as words, none missing", () => {
    for (const text of pages.values()) expect(text).not.toMatch(/(?<!-)\bundefined\b|NaN|\[object/);
  });
});
