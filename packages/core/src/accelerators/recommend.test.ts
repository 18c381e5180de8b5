import { describe, expect, it } from "vitest";
import { variantId } from "./accelerator.js";
import { acceleratorVariants } from "./accelerators.js";
import { baseImageReward, measurements } from "./measured.js";
import { recommend } from "./recommend.js";

const ids = (wish: Parameters<typeof recommend>[0]) => recommend(wish).map(({ variant }) => variantId(variant));

describe("recommend", () => {
  it("only what fits the base, the best measured first", () => {
    const sdxl = recommend({ base: "sdxl" });
    expect(sdxl.every(({ variant }) => variant.base === "sdxl")).toBe(true);
    expect(sdxl.slice(0, 4).map(({ variant }) => variantId(variant))).toEqual([
      "sdxl/hyper-1/unet",
      "sdxl/hyper-4/lora",
      "sdxl/lightning-4/lora",
      "sdxl/tcd/lora",
    ]);
    expect(ids({ base: "sd15" })).not.toContain("sdxl/lcm/lora");
  });

  it("for commercial use nothing non-commercial and nothing without a licence", () => {
    const found = recommend({ base: "sdxl", commercial: true });
    expect(found.length).toBeGreaterThan(5);
    expect(found.every(({ variant }) => variant.licence.commercial === "yes")).toBe(true);
    const names = new Set(found.map(({ variant }) => variant.accelerator));
    for (const name of ["turbo", "dmd2", "flash", "hyper"] as const) expect(names.has(name)).toBe(false);
    expect(ids({ base: "sd15", commercial: true })).toEqual(["sd15/lcm/lora", "sd15/lcm/unet"]);
  });

  it("with a negative prompt only files that keep guidance", () => {
    const found = recommend({ base: "sd15", negativePrompt: true });
    expect(found.map(({ variant }) => variant.name).sort()).toEqual(
      ["hyper-12-cfg", "hyper-8-cfg", "pcm-16-cfg", "pcm-4-cfg", "pcm-8-cfg"].sort(),
    );
    expect(found.every(({ applied }) => (applied.sampling.guidance as number) > 1)).toBe(true);
  });

  it("within a budget of network calls, guidance counted twice", () => {
    const found = recommend({ base: "sdxl", networkCalls: 8, forms: ["lora"] });
    expect(found.every(({ networkCalls, variant }) => networkCalls <= 8 && variant.form === "lora")).toBe(true);
    expect(found.map(({ variant }) => variant.name)).toContain("pcm-4-cfg");
    expect(found.map(({ variant }) => variant.name)).not.toContain("hyper-8-cfg");
    expect(recommend({ base: "sdxl", networkCalls: 0 })).toEqual([]);
  });

  it("says why, and what to mind", () => {
    const [hyper] = recommend({ base: "sdxl", forms: ["lora"] });
    expect(hyper?.reasons.join()).toMatch(/4 network calls.*ImageReward 0.93/);
    expect(hyper?.cautions).toEqual(["no licence is declared: ask before commercial use"]);
    const turbo = recommend({ base: "sdxl", forms: ["checkpoint"] }).find(({ variant }) => variant.name === "turbo");
    expect(turbo?.cautions.join()).toMatch(/not for commercial use.*512 pixels only/);
  });

  it("measurements are of variants that exist", () => {
    const known = new Set(acceleratorVariants.map(variantId));
    expect(measurements.filter(({ variant }) => !known.has(variant))).toEqual([]);
    expect(baseImageReward.sdxl).toBeGreaterThan(baseImageReward.sd15);
  });
});
