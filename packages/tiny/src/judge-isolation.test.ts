// No code path leads from the judge or the scores to anything that trains a model: their folders are imported by themselves, by the program
// that trains classifiers, by comparisons (the entry "adherence"), and by tests alone.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const PACKAGES = fileURLToPath(new URL("../../", import.meta.url));
const SECRET = /^tiny\/src\/(judge|scoring)\//;
const MAY = [SECRET, /^tiny\/src\/classifier\/train-classifier\.ts$/, /^fewstep\/src\/compare\/judge-scorer\.ts$/];

const sources = readdirSync(PACKAGES, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => /^[^/]+\/src\/.*\.ts$/.test(name) && !/\.test\.ts$|\.test\.fixture\.ts$/.test(name));

const importsOf = (name: string): readonly string[] =>
  [...readFileSync(join(PACKAGES, name), "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    ([, path]) => path!,
  );

const targetOf = (name: string, path: string): string =>
  path.startsWith(".")
    ? relative(PACKAGES, join(PACKAGES, dirname(name), path.replace(/\.js$/, ".ts"))).replaceAll("\\", "/")
    : path;

describe("the judge", () => {
  it("is looked at by many files", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.some((name) => SECRET.test(name))).toBe(true);
  });
  it("is imported by nothing that trains", () => {
    const breaches = sources
      .filter((name) => !MAY.some((pattern) => pattern.test(name)))
      .flatMap((name) => importsOf(name).map((path) => [name, targetOf(name, path)] as const))
      .filter(([, target]) => SECRET.test(target) || /^@fewstep\/tiny\/(judge|scoring|adherence)/.test(target));
    expect(breaches).toEqual([]);
  });
  it("is out of reach of the critic's entry, however far its imports are followed", () => {
    const reached = new Set<string>();
    const follow = (name: string): void => {
      if (reached.has(name)) return;
      reached.add(name);
      for (const path of importsOf(name)) if (path.startsWith(".")) follow(targetOf(name, path));
    };
    follow("tiny/src/critic/index.ts");
    expect(reached).toContain("tiny/src/classifier/network.ts");
    expect([...reached].filter((name) => SECRET.test(name))).toEqual([]);
  });
  it("and the critic share no stream, no seed and no widths", async () => {
    const [{ JUDGE, JUDGE_STREAM, JUDGE_TEST_STREAM }, { CRITIC, CRITIC_STREAM }] = await Promise.all([
      import("./judge/judge.js"),
      import("./critic/critic.js"),
    ]);
    expect(new Set([1, JUDGE_STREAM, JUDGE_TEST_STREAM, CRITIC_STREAM]).size).toBe(4);
    expect(JUDGE.seed).not.toBe(CRITIC.seed);
    expect(JUDGE.widths).not.toEqual(CRITIC.widths);
  });
});
