// Pictures of every tool, damaged ones among them, as far as they can be made again: a plan, or a reason in words; never a crash.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodePng, FewstepError, families, planGenerate, requestOfSettings } from "@fewstep/core";
import { afterAll, describe, expect, it } from "vitest";
import { pictureDifferences } from "./picture-differences.js";
import { pictureOrigin } from "./picture-origin.js";
import { differenceText, pixelDifference, verdictOf } from "./pixel-difference.js";

const golden = fileURLToPath(new URL("../../../../test/golden/data/metadata/", import.meta.url));
const pictures = readdirSync(golden).filter((name) => name.endsWith(".png"));
const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), "fewstep-origin-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const facts = (family: "sd15" | "sdxl") => ({
  family: families[family],
  prediction: "epsilon" as const,
  zeroTerminalSnr: false,
  embeddedGuidance: false,
});

describe("pictures of other tools", () => {
  it.each(pictures)("%s: its settings, or why there are none", async (name) => {
    try {
      const origin = await pictureOrigin(join(golden, name), signal);
      expect(origin.settings).toBeTypeOf("object");
      expect(pictureDifferences(origin, origin, "sd15")).toMatchObject({
        files: [],
        plans: [],
        pixels: { largest: 0 },
      });
    } catch (error) {
      expect(error).toBeInstanceOf(FewstepError);
      expect((error as FewstepError).kind).toBe("input");
    }
  });

  it.each([
    ["a1111-lcm.png", { sampler: "lcm", start: "sigma", source: "philox" }],
    ["forge-lightning.png", { sampler: "euler", start: "sigma" }],
    ["comfyui-lcm-sd15.png", { sampler: "lcm", start: "root", source: "torch-cpu" }],
    ["comfyui-turbo.png", { sampler: "euler_ancestral", schedule: "turbo" }],
    ["fooocus.png", { sampler: "euler", schedule: "sgm_uniform" }],
    ["swarmui.png", { sampler: "euler", schedule: "turbo" }],
    ["novelai.png", { sampler: "euler_ancestral", schedule: "karras" }],
    ["invokeai.png", { sampler: "lcm", source: "torch-cpu" }],
  ] as const)("%s comes to a plan", async (name, wanted) => {
    const { settings, tool } = await pictureOrigin(join(golden, name), signal);
    const { request } = requestOfSettings(settings, tool, "sdxl");
    const plan = planGenerate(facts("sdxl"), request);
    const { sampler, start, noise, rows } = plan.sampling;
    expect(rows.length).toBeGreaterThan(0);
    expect([noise.seeds[0], plan.width]).toEqual([settings.seed, settings.width]);
    expect({ sampler: sampler.name, start: start.rule, source: noise.source, schedule: plan.schedule }).toMatchObject(
      wanted,
    );
  });

  it("a picture whose own text was changed is refused, though another text is left", async () => {
    const texts = [
      { keyword: "fewstep", text: '{"fewstep":1,"settings":{"steps":"four"}}' },
      { keyword: "parameters", text: "a cat\nSteps: 4, Sampler: Euler, Seed: 7, Size: 8x8" },
    ];
    const path = join(folder, "changed.png");
    writeFileSync(path, await encodePng({ width: 8, height: 8, data: new Uint8Array(256) }, { texts }));
    await expect(pictureOrigin(path, signal)).rejects.toMatchObject({ code: "fewstep-text" });
  });
});

describe("pixels", () => {
  const grey = (levels: readonly number[]) => ({
    width: levels.length,
    height: 1,
    data: Uint8Array.from(levels.flatMap((level) => [level, level, level, 255])),
  });

  it("tell the same picture, rounding and another picture apart", () => {
    const verdict = (one: readonly number[], other: readonly number[]) =>
      verdictOf(pixelDifference(grey(one), grey(other)));
    const base = new Array<number>(100).fill(100);
    expect(verdict(base, base)).toBe("same");
    expect(verdict(base, [102, ...base.slice(1)])).toBe("rounding");
    expect(verdict(base, [103, ...base.slice(1)])).toBe("different");
    expect(
      verdict(
        base,
        base.map((level) => level + 1),
      ),
    ).toBe("different");
    expect(verdict(base, [100])).toBe("different");
  });

  it("of a JPEG are held to what its coding leaves out", () => {
    const levels = (by: number) => grey(new Array<number>(100).fill(100 + by));
    const verdict = (by: number, loss: number) => verdictOf(pixelDifference(levels(0), levels(by)), loss);
    expect([verdict(0, 2), verdict(2, 2), verdict(3, 2), verdict(1, 0)]).toEqual([
      "same",
      "coding",
      "different",
      "different",
    ]);
  });

  it("are counted and measured", () => {
    const difference = pixelDifference(grey([0, 10, 20, 30]), grey([0, 10, 24, 30]))!;
    expect(difference).toEqual({ largest: 4, mean: 1, changed: 0.25 });
    expect(differenceText(difference)).toBe(
      "25.0 % of the pixels differ, by 4 of 255 levels at most, 1.000 on average",
    );
  });
});
