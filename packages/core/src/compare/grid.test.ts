import { describe, expect, it } from "vitest";
import { choiceSeed, expandChoices } from "../text/choices.js";
import type { CompareRequest } from "./compare-request.js";
import { contentHash } from "./content-hash.js";
import { planGrid } from "./grid.js";
import { gridLora, gridModel } from "./grid-files.test.fixture.js";
import { planGuide } from "./guide-grid.js";

const files = { models: [gridModel("sd15")], loras: [gridLora("lcm")] };
const request: CompareRequest = { models: ["sd15"], prompts: ["a cat"], accelerators: ["lcm"] };
const ofRole = (role: string, asked: CompareRequest, given = files) =>
  planGrid(asked, given).cells.filter((cell) => cell.role === role);

describe("planGrid", () => {
  it("is the product of its axes, with a reference for each prompt and seed", () => {
    const asked = {
      ...request,
      accelerators: ["none", "lcm"],
      steps: [2, 4],
      cfg: [1, 1.5],
      prompts: ["a cat", { prompt: "a dog", negative: "blurry" }],
      seeds: [1, 2, 3],
    };
    expect(ofRole("candidate", asked)).toHaveLength(2 * 2 * 2 * 2 * 3);
    expect(ofRole("reference", asked)).toHaveLength(2 * 3);
    const candidates = ofRole("candidate", asked);
    expect(new Set(candidates.map(({ id }) => id)).size).toBe(candidates.length);
    expect(new Set(candidates.map(({ config }) => config)).size).toBe(8);
    expect(new Set(candidates.map(({ unit }) => unit)).size).toBe(6);
    const references = new Set(ofRole("reference", asked).map(({ id }) => id));
    expect(candidates.every(({ reference }) => references.has(reference!))).toBe(true);
  });

  it("fills what is open from the publisher, and keeps what is said", () => {
    const [open] = ofRole("candidate", request);
    expect(open!.settings).toMatchObject({
      steps: 4,
      cfg: 1,
      sampler: "lcm",
      schedule: "lcm",
      strength: 1,
      size: "512x512",
    });
    const [said] = ofRole("candidate", { ...request, steps: [6], cfg: [1.5], samplers: ["Euler a"], strengths: [0.8] });
    expect(said!.settings).toMatchObject({ steps: 6, cfg: 1.5, sampler: "euler_ancestral", strength: 0.8 });
    expect(said!.run!.adapters).toEqual([{ name: "lcm-file", hash: "hash of lcm-file", strength: 0.8 }]);
    expect([open!.calls, said!.calls]).toEqual([4, 12]);
  });

  it("makes pairs of one prompt and seed over sizes and models, which are what is compared", () => {
    const two = { ...files, models: [gridModel("one"), gridModel("two")] };
    const cells = ofRole("candidate", { ...request, sizes: ["512x512", "768x512"], seeds: [1, 2] }, two);
    expect(new Set(cells.map(({ config }) => config)).size).toBe(4);
    expect(new Set(cells.map(({ unit }) => unit)).size).toBe(2);
  });

  it("keeps ids when an axis gets another value, and when a file is renamed", () => {
    const before = planGrid({ ...request, steps: [2, 4] }, files).cells.map(({ id }) => id);
    const after = planGrid({ ...request, steps: [2, 4, 8] }, files).cells.map(({ id }) => id);
    expect(after).toEqual(expect.arrayContaining(before));
    const renamed = { ...files, models: [{ ...gridModel("sd15"), name: "moved" }] };
    expect(planGrid({ ...request, steps: [2, 4] }, renamed).cells.map(({ id }) => id)).toEqual(before);
    const other = { ...files, models: [gridModel("another")] };
    expect(planGrid({ ...request, steps: [2, 4] }, other).cells.map(({ id }) => id)).not.toContain(before[0]);
  });

  it("takes a family's file for each number of steps, and says where there is none", () => {
    const sdxl = {
      models: [gridModel("sdxl", "sdxl")],
      loras: [gridLora("lightning-4"), gridLora("lightning-8")],
    };
    const asked = { ...request, models: ["sdxl"], accelerators: ["lightning"], steps: [3, 4, 8] };
    const cells = ofRole("candidate", asked, sdxl);
    expect(cells.map(({ settings, empty }) => empty?.code ?? settings.accelerator)).toEqual([
      "steps-without-file",
      "lightning-4",
      "lightning-8",
    ]);
    const [missing] = ofRole("candidate", { ...asked, steps: [2] }, sdxl);
    expect(missing!.empty).toMatchObject({ code: "accelerator-file-missing" });
    expect(missing!.settings.accelerator).toBe("lightning");
    expect(ofRole("candidate", { ...asked, steps: [1] }, sdxl)[0]!.empty).toBeDefined();
  });

  it("makes the choices of its texts from each seed, as a picture of that seed has them", () => {
    const prompts = ["a {cat|dog|owl|fox} __place__", { prompt: "a {cat|dog}", negative: "{red|blue}" }];
    const wildcards = new Map([["place", ["at home", "on the {moon|sea}"]]]);
    const asked = { ...request, prompts, choices: true, seeds: [1, 2, 3, "18446744073709551615"] };
    const given = { ...files, wildcards };
    const cells = planGrid(asked, given).cells;
    for (const seed of asked.seeds) {
      const options = { seed: choiceSeed(BigInt(seed)), wildcards };
      const [first, second] = cells.filter((cell) => cell.role === "candidate" && cell.settings.seed === String(seed));
      expect(first!.settings.prompt).toBe(expandChoices("a {cat|dog|owl|fox} __place__", options));
      expect(second!.settings.negative).toBe(expandChoices("{red|blue}", options));
      expect(first!.run!.request.prompt).toBe(first!.settings.prompt);
      const reference = cells.find(({ id }) => id === first!.reference);
      expect(reference!.settings.prompt).toBe(first!.settings.prompt);
    }
    expect(new Set(cells.map(({ settings }) => settings.prompt)).size).toBeGreaterThan(2);
    expect(planGrid({ ...asked, choices: false }, given).cells[0]!.settings.prompt).toBe(prompts[0]);
    expect(() => planGrid(asked, files)).toThrow(expect.objectContaining({ code: "wildcard-unknown" }));
  });

  it("takes each family's own list of a schedule that has several", () => {
    const models = [gridModel("sd15"), gridModel("sdxl", "sdxl")];
    const asked = {
      ...request,
      accelerators: ["none"],
      schedules: ["align_your_steps"],
      samplers: ["euler", "Euler Align Your Steps"],
      reference: { schedule: "AlignYourStepsScheduler" },
    };
    const cells = planGrid(asked, { models, loras: [] }).cells;
    const schedules = (name: string) =>
      [
        ...new Set(cells.filter(({ settings }) => settings.model === name).map(({ settings }) => settings.schedule)),
      ].sort();
    expect(schedules("sd15")).toEqual(["ays_sd15"]);
    expect(schedules("sdxl")).toEqual(["ays_sdxl"]);
    const { schedules: _, ...named } = { ...asked, samplers: ["Euler Align Your Steps"] };
    const own = planGrid({ ...named, reference: false }, { models, loras: [] }).cells;
    expect(own.map(({ settings }) => settings.schedule)).toEqual(["ays_sd15_rounded", "ays_sdxl_rounded"]);
  });

  it("leaves a cell empty that planning refuses", () => {
    const [cell] = ofRole("candidate", { ...request, sizes: ["500x500"] });
    expect(cell!.empty).toMatchObject({ code: "bad-size" });
    expect(cell!.run).toBeUndefined();
  });

  it("refuses what nobody can have meant", () => {
    const code = (asked: CompareRequest) => () => planGrid(asked, files);
    expect(code({ ...request, accelerators: ["lcmm"] })).toThrow(
      expect.objectContaining({ code: "unknown-accelerator" }),
    );
    expect(code({ ...request, samplers: ["eulr"] })).toThrow(expect.objectContaining({ code: "unknown-sampler" }));
    const many = Array.from({ length: 101 }, (_, i) => i);
    expect(code({ ...request, seeds: many, cfg: many.map((i) => i + 1) })).toThrow(
      expect.objectContaining({ code: "too-many-cells" }),
    );
  });

  it("puts style LoRAs into every cell and names files of no use", () => {
    const loras = [gridLora("lcm"), gridLora("style", "ink"), gridLora("tcd")];
    const grid = planGrid(request, { models: files.models, loras });
    for (const { run } of grid.cells) expect(run!.adapters.map(({ name }) => name)).toContain("ink");
    expect(grid.notes).toEqual(["tcd-file is used by no cell"]);
  });
});

describe("planGuide", () => {
  it("has nine runs twice, empty ones with the reason", () => {
    const given = { models: [gridModel("sd15"), gridModel("animagineXL_v3", "sdxl")], loras: [gridLora("lcm")] };
    const cells = planGuide({ seeds: [7] }, given).cells;
    const runs = cells.filter(({ preset }) => preset !== undefined);
    expect(runs.map(({ preset }) => `${preset!.name} ${preset!.as}`)).toEqual(
      Array.from({ length: 9 }, (_, i) => [`guide-${i + 1} guide`, `guide-${i + 1} publisher`]).flat(),
    );
    const full = runs.filter(({ run }) => run !== undefined).map(({ preset }) => preset!.name);
    expect(new Set(full)).toEqual(new Set(["guide-4", "guide-5"]));
    expect(runs.find(({ preset }) => preset!.name === "guide-3")!.empty!.code).toBe("accelerator-file-missing");
    const fifth = runs.filter(({ preset }) => preset!.name === "guide-5");
    expect(fifth.map(({ settings }) => [settings.steps, settings.cfg, settings.schedule])).toEqual([
      [6, 1.5, "sgm_uniform"],
      [4, 1, "lcm"],
    ]);
    expect(cells.filter(({ role }) => role === "reference").map(({ settings }) => settings.steps)).toEqual([25, 25]);
  });

  it("lints run 8 for its schedule and its steps, and its publisher's not at all", () => {
    const cells = planGuide({}, { models: [gridModel("sd15")], loras: [gridLora("hyper-4")] }).cells;
    const [guide, publisher] = cells.filter(({ preset }) => preset?.name === "guide-8");
    expect(guide!.findings.length).toBeGreaterThan(1);
    expect(publisher!.findings.filter(({ severity }) => severity !== "note")).toEqual([]);
  });

  it("pairs its two prompts by seed, unless prompts are given", () => {
    const given = { models: [gridModel("sd15")], loras: [gridLora("lcm"), gridLora("hyper-4")] };
    const runs = (asked: Parameters<typeof planGuide>[0]) =>
      planGuide(asked, given).cells.filter(({ preset, run }) => preset?.as === "guide" && run !== undefined);
    const [fifth, eighth] = [runs({ seeds: [7] })[0]!, runs({ seeds: [7] })[1]!];
    expect(fifth.settings.prompt).not.toBe(eighth.settings.prompt);
    expect(fifth.unit).not.toBe(eighth.unit);
    expect(fifth.pair).toBe(eighth.pair);
    expect(planGuide({}, given).notes).toHaveLength(1);
    expect(runs({ prompts: ["a cat"] }).map(({ pair }) => pair)).toEqual([undefined, undefined]);
  });

  it("says which base is missing", () => {
    const [first] = planGuide({}, { models: [gridModel("sd15")], loras: [] }).cells;
    expect(first!.empty).toEqual({
      code: "guide-base-missing",
      reason: expect.stringContaining("the guide used Animagine XL") as unknown,
    });
  });
});

describe("contentHash", () => {
  it("knows no order of keys and no undefined", () => {
    expect(contentHash({ a: 1, b: { c: [1, 2], d: undefined } })).toBe(contentHash({ b: { c: [1, 2] }, a: 1 }));
    expect(contentHash({ a: [1, 2] })).not.toBe(contentHash({ a: [2, 1] }));
    expect(contentHash("")).toBe("12ae32cb1ec02d01");
  });
});
