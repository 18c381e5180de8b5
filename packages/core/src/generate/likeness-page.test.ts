// docs/likeness.md is what scripts/generate-docs.mjs makes of the tables now.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { planSwitches, switchText } from "./plan-difference.js";
import { toolHabits, toolNames } from "./tool-habits.js";

interface Generator {
  likenessPage(tables: Readonly<Record<string, unknown>>): string;
}

const root = new URL("../../../../", import.meta.url);

it("docs/likeness.md is up to date (else: npx tsc -b && node scripts/generate-docs.mjs), no place in it empty", async () => {
  const { likenessPage } = (await import(new URL("scripts/generate-docs.mjs", root).href)) as Generator;
  const text = likenessPage({ planSwitches, switchText, toolHabits, toolNames });
  expect(readFileSync(new URL("docs/likeness.md", root), "utf8")).toBe(text);
  expect(text).not.toMatch(/\| {2}\||undefined/);
});
