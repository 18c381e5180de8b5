// The tables: complete, frozen, consistent with themselves, and runnable by the sampler.
import { describe, expect, it } from "vitest";
import { families } from "../families/family.js";
import { planSampling } from "../sampling/plan.js";
import { type AcceleratorVariant, hasFixedSteps, publishedSettings, variantId } from "./accelerator.js";
import { accelerators, acceleratorVariants } from "./accelerators.js";
import { applyAccelerator } from "./apply.js";

const named = acceleratorVariants.map((variant) => ({ id: variantId(variant), variant }));
const find = (id: string) => named.find((one) => one.id === id)!.variant;
const inside = (value: number, [low, high]: readonly [number, number]) => value >= low && value <= high;

describe("every variant", () => {
  it("has an id of its own", () => {
    expect(new Set(named.map(({ id }) => id)).size).toBe(named.length);
    expect(named.length).toBe(60);
  });

  it("is frozen through and through", () => {
    const thawed = (value: unknown): boolean =>
      typeof value === "object" && value !== null && (!Object.isFrozen(value) || Object.values(value).some(thawed));
    expect(thawed(accelerators)).toBe(false);
    expect(thawed(acceleratorVariants)).toBe(false);
  });

  it.each(named)("$id: a source for every value, files, and settings inside its own ranges", ({ variant }) => {
    expect(Object.values(variant.sources).every((source) => source.length > 5)).toBe(true);
    expect(variant.licence.source).not.toBe("");
    expect(variant.files.length).toBeGreaterThan(0);
    for (const { repository, source, name } of variant.files) expect([repository, source, name]).not.toContain("");
    expect(variant.base in families).toBe(true);
    expect(variant.lora !== undefined).toBe(variant.form === "lora");
    for (const one of publishedSettings(variant)) {
      expect(inside(one.steps, variant.ranges.steps)).toBe(true);
      expect(inside(one.guidance, variant.ranges.guidance)).toBe(true);
      expect(inside(one.guidance, variant.ranges.publishedGuidance)).toBe(true);
      expect(inside(one.loraStrength, variant.ranges.loraStrength)).toBe(true);
      if (variant.ranges.gamma) expect(inside(one.settings?.gamma ?? -1, variant.ranges.gamma)).toBe(true);
    }
  });

  it.each(named)("$id: hashes are hashes, lengths are lengths", ({ variant }) => {
    for (const { sha256, tensorHash, bytes } of variant.files) {
      if (sha256 !== undefined) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      if (tensorHash !== undefined) expect(tensorHash).toMatch(/^[0-9a-f]{12}$/);
      if (bytes !== undefined) expect(bytes).toBeGreaterThan(1e6);
    }
  });

  it.each(named)("$id: its published run is planned, from its first trained timestep", ({ variant }) => {
    const { rows } = planSampling(applyAccelerator(variant).sampling);
    expect(rows.length).toBe(variant.settings.steps);
    const [first] = variant.trained;
    if (first !== undefined) expect(rows[0]?.timestep).toBe(first);
    if (hasFixedSteps(variant) && variant.trained.length > 0) {
      expect(variant.trained.length).toBe(variant.settings.steps);
      // TCD's and LCM's grids lie within the finest spacing of the trailing ones
      const distances = rows.map(({ timestep }, i) => Math.abs(timestep - variant.trained[i]!));
      expect(Math.max(...distances)).toBeLessThanOrEqual(10);
    }
  });

  it("no two files share a hash", () => {
    const hashes = acceleratorVariants.flatMap(({ files }) =>
      files.flatMap(({ sha256, tensorHash }) => [sha256, tensorHash]),
    );
    const given = hashes.filter((hash) => hash !== undefined);
    expect(new Set(given).size).toBe(given.length);
  });
});

describe("what is most often got wrong", () => {
  const timesteps = (variant: AcceleratorVariant, change = {}) =>
    planSampling(applyAccelerator(variant, change).sampling).rows.map(({ timestep }) => timestep);

  it("Turbo has both of its schedules", () => {
    const turbo = find("sdxl/turbo/checkpoint");
    expect(timesteps(turbo)).toEqual([999, 899, 799, 699]);
    expect(timesteps(turbo, turbo.alternatives[0]?.settings)).toEqual([999, 749, 499, 249]);
  });

  it("LCM's timesteps are its own, not trailing ones", () => {
    expect(timesteps(find("sd15/lcm/lora"))).toEqual([999, 759, 499, 259]);
    expect(timesteps(find("sd15/lcm/lora"), { steps: 8 })).toEqual([999, 879, 759, 639, 499, 379, 259, 139]);
  });

  it("timestep 800 is Hyper's 1-step UNet alone; its 1-step LoRA is TCD's at 999 with gamma 1", () => {
    expect(timesteps(find("sdxl/hyper-1/unet"))).toEqual([800]);
    const lora = find("sdxl/hyper-1/lora");
    expect(timesteps(lora)).toEqual([999]);
    expect(lora.settings).toMatchObject({ sampler: "tcd", settings: { gamma: 1 } });
  });

  it("DMD2 has its four timesteps, and trailing ones for another number of steps", () => {
    const dmd2 = find("sdxl/dmd2/lora");
    expect(timesteps(dmd2)).toEqual([999, 749, 499, 249]);
    expect(timesteps(dmd2, { steps: 8 })).toEqual([999, 874, 749, 624, 499, 374, 249, 124]);
    expect(timesteps(find("sdxl/dmd2-1/unet"))).toEqual([399]);
  });

  it("NitroFusion is fed shifted timesteps at the unshifted noise level", () => {
    const rows = (id: string) => planSampling(applyAccelerator(find(id), { steps: 4 }).sampling).rows;
    expect(rows("sdxl/nitro-realism/unet").map(({ timestep }) => timestep)).toEqual([249, 187, 124, 62]);
    expect(rows("sdxl/nitro-vibrant/unet").map(({ timestep }) => timestep)).toEqual([499, 374, 249, 124]);
    expect(rows("sdxl/nitro-realism/unet")[0]?.sigma).toBeCloseTo(14.6146, 3);
  });

  it("LCM, Lightning and DMD2 LoRAs have the factor 1/8", () => {
    for (const id of ["sd15/lcm/lora", "sdxl/lcm/lora", "sdxl/lightning-4/lora", "sdxl/dmd2/lora"])
      expect(find(id).lora).toMatchObject({ rank: 64, alpha: 8 });
  });

  it("the common layout has three tensors a module: 278 of SD1.5, 788 of SDXL", () => {
    expect(find("sd15/lcm/lora").lora?.tensors).toBe(834);
    expect(find("sdxl/lcm/lora").lora?.tensors).toBe(2364);
  });

  it("only Lightning's 1-step network predicts the picture itself", () => {
    const others = acceleratorVariants.filter(({ settings }) => settings.prediction !== "epsilon").map(variantId);
    expect(others).toEqual(["sdxl/lightning-1/unet", "sdxl/lightning-1/checkpoint"]);
  });
});
