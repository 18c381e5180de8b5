// The guide's nine runs on a model that stands for all bases: small test checkpoints in the embedded model's place, with a judge of random
// weights, and a folder that keeps what networks said.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CompareGrid } from "@fewstep/core";
import { modelFolders } from "@fewstep/core/node";
import { TINY_GUIDANCE, TINY_SAMPLING, TINY_STEPS } from "@fewstep/tiny/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testCheckpoint } from "../../../../scripts/test-checkpoint.mjs";
import { type EmbeddedModel, embeddedComparison, embeddedGuide, embeddedModel } from "./embedded-model.js";
import { reportOnly, runComparison } from "./run-comparison.js";
import { scoreCells } from "./score-cells.js";
import { CompareStore } from "./store.js";

const MINUTE = 60_000;
const { signal } = new AbortController();
let folder: string;
let embedded: EmbeddedModel;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-guide-"));
  const [lcm, lightning, hyper] = ["sd15-lcm-like", "sd15-peft", "sd15-lora-kohya"].map(testCheckpoint);
  embedded = { model: testCheckpoint("sd15-tiny"), loras: { lcm: lcm!, lightning: lightning!, hyper: hyper! } };
}, MINUTE);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("axes on the embedded model", () => {
  const asked = { models: [], prompts: ["1girl"] };
  it("take its own LoRAs of the accelerators that are asked for", () => {
    const all = embeddedComparison(asked, embedded);
    expect(all.models).toEqual([embedded.model]);
    expect(all.loras!.map(({ is }) => is)).toEqual(["lcm", "lightning-4", "hyper-4"]);
    const some = embeddedComparison({ ...asked, accelerators: ["hyper-4", "none"] }, embedded);
    expect(some.loras).toEqual([{ file: embedded.loras.hyper, is: "hyper-4" }]);
    expect(embeddedComparison({ ...asked, loras: [{ file: "style" }] }, embedded).loras).toEqual([{ file: "style" }]);
    expect(() => embeddedComparison(asked, undefined)).toThrow(
      expect.objectContaining({ code: "embedded-model-missing" }),
    );
  });

  it("have its guidance in the reference, unless told otherwise", () => {
    expect(embeddedComparison(asked, embedded).reference).toEqual({ cfg: TINY_GUIDANCE });
    expect(embeddedComparison({ ...asked, reference: { cfg: 5 } }, embedded).reference).toEqual({ cfg: 5 });
    expect(embeddedComparison({ ...asked, reference: false }, embedded).reference).toBe(false);
  });
});

it("compares every LoRA of the model that ships, by its own name and by its family's", {
  timeout: MINUTE,
}, async () => {
  const cellsOf = async (out: string, accelerators: readonly string[] | undefined) => {
    const request = { models: [], prompts: ["1girl"], seeds: [1], reference: false as const };
    const { report } = await runComparison({
      request: embeddedComparison(
        accelerators === undefined ? request : { ...request, accelerators },
        await embeddedModel(),
      ),
      out: join(folder, out),
      folders: modelFolders({}),
      threads: 1,
      signal,
    });
    return report.cells.map(({ status, settings }) => [settings.accelerator, settings.steps, status]);
  };
  const four = ["lcm", "lightning-4", "hyper-4", "turbo"].map((name) => [name, TINY_STEPS, "done"]);
  expect(await cellsOf("own", undefined)).toEqual(four);
  expect(await cellsOf("families", ["lightning", "turbo"])).toEqual([four[1], four[3]]);
});

describe("the guide on the embedded model", () => {
  it("says what is missing where there is no such model", () => {
    expect(() => embeddedGuide({}, undefined)).toThrow(expect.objectContaining({ code: "embedded-model-missing" }));
  });

  it("makes every run whose LoRA is there, at its own settings and its publisher's", {
    timeout: 2 * MINUTE,
  }, async () => {
    const { report } = await runComparison({
      request: { guide: true, models: [], seeds: [1], sizes: ["64x64"], prompts: ["1girl"], reference: { steps: 2 } },
      embedded,
      out: join(folder, "guide"),
      folders: modelFolders({}),
      threads: 1,
      signal,
    });
    const runs = report.cells.filter(({ preset }) => preset !== undefined);
    expect(new Set(runs.map(({ preset }) => preset!.name)).size).toBe(9);
    const missing = runs.filter(({ status }) => status === "empty");
    expect(missing.map(({ preset }) => preset!.name)).toEqual(["guide-1", "guide-1", "guide-2", "guide-2"]);
    expect(missing[0]!.reason).toMatchObject({ code: "guide-lora-missing" });
    const seventh = runs.filter(({ preset }) => preset!.name === "guide-7");
    expect(
      seventh.map(({ settings: { accelerator, steps, cfg, sampler } }) => [accelerator, steps, cfg, sampler]),
    ).toEqual([
      ["hyper", 8, 8, "euler"],
      ["hyper", 4, 1, TINY_SAMPLING.hyper.sampler],
    ]);
    // the linter speaks of the run as the guide made it, and says nothing of sizes and licences that are not the model's
    const codes = (as: string) =>
      runs.filter(({ preset }) => preset!.as === as).flatMap(({ findings }) => findings.map(({ code }) => code));
    expect(codes("guide").length).toBeGreaterThan(3);
    expect(codes("guide").filter((code) => code.startsWith("size"))).toEqual([]);
    expect(codes("publisher")).toEqual([]);
    expect(report.licences).toEqual([]);
    expect(report.notTried.some((text) => text.startsWith("accelerators for"))).toBe(false);
    expect(report.notes[0]).toContain("stands for every base");
    // runs 4 and 5, 6 and 8, 7 and 9 are one configuration each, counted once
    const labels = report.configurations.map(({ label }) => label);
    expect(labels).toHaveLength(7);
    expect(labels.some((label) => label.startsWith("runs 4, 5 as made"))).toBe(true);
    expect(report.configurations.every(({ units }) => units.length === 1)).toBe(true);
  });

  it("keeps what a network said, asks again only another one, and makes a goal of it", {
    timeout: MINUTE,
  }, async () => {
    const out = join(folder, "guide");
    let asked = 0;
    const scorer = (id: string) => ({
      kind: "judge" as const,
      id,
      score: async () => {
        asked += 1;
        return { adherence: 0.25 };
      },
      dispose: async () => {},
    });
    const scored = async (...scorers: ReturnType<typeof scorer>[]) => {
      const store = await CompareStore.open(out);
      const grid: CompareGrid = await store.readGrid();
      const { results } = await scoreCells(grid, await store.readRecords(), store, { write: true, signal, scorers });
      await store.close();
      return [...results.values()].map(({ scored: one }) => one?.scores.adherence);
    };
    const pictures = readdirSync(join(out, "cells")).filter((name) => name.endsWith(".png")).length;
    expect(await scored()).toEqual(Array.from({ length: pictures }, () => undefined));
    expect(new Set(await scored(scorer("a")))).toEqual(new Set([0.25]));
    expect(asked).toBe(pictures);
    await scored(scorer("a"));
    expect(asked).toBe(pictures);
    await scored(scorer("b"));
    expect(asked).toBe(2 * pictures);
    const { report } = await reportOnly(out, { signal });
    expect(report.scores[0]).toMatchObject({ name: "adherence" });
    expect(report.recommendations.map(({ goal }) => goal.kind)).toContain("adherence");
  });
});
