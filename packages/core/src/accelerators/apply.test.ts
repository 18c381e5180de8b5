// Filling settings in: the publisher's, but for what is given by hand; and finding the variant a name means.
import { describe, expect, it } from "vitest";
import type { FewstepError } from "../errors.js";
import { planSampling } from "../sampling/plan.js";
import { type AcceleratorForm, variantId } from "./accelerator.js";
import { acceleratorVariants } from "./accelerators.js";
import { applyAccelerator } from "./apply.js";
import { acceleratorNames, type GivenFile, resolveAccelerator } from "./resolve.js";

const find = (id: string) => acceleratorVariants.find((variant) => variantId(variant) === id)!;
const file = (form: AcceleratorForm, ...ids: readonly string[]): GivenFile => ({
  name: `${ids[0] ?? "some"}.safetensors`,
  form,
  recognition: { candidates: ids.map((id) => ({ variant: find(id), confidence: "possible", reasons: [] })) },
});
const errorOf = (work: () => unknown): FewstepError => {
  try {
    work();
  } catch (error) {
    return error as FewstepError;
  }
  throw new Error("nothing was thrown");
};

describe("applyAccelerator", () => {
  it("fills in everything and says what and why", () => {
    const applied = applyAccelerator(find("sdxl/lightning-4/lora"));
    expect(applied).toEqual({
      sampling: { steps: 4, schedule: "trailing", sampler: "euler", guidance: 1 },
      loraStrength: 1,
      size: { width: 1024, height: 1024 },
      line: "SDXL-Lightning, 4 steps, LoRA: 4 steps, guidance 1, euler, trailing, strength 1, 1024 pixels (model card ByteDance/SDXL-Lightning)",
    });
  });

  it("keeps what is given by hand, 0 included, and names it", () => {
    const given = { guidance: 0, steps: 6, loraStrength: 0, size: { width: 832, height: 1216 } };
    const { sampling, loraStrength, size, line } = applyAccelerator(find("sdxl/lightning-4/lora"), given);
    expect(sampling).toMatchObject({ guidance: 0, steps: 6, schedule: "trailing" });
    expect([loraStrength, size]).toEqual([0, given.size]);
    expect(line).toBe(
      "SDXL-Lightning, 4 steps, LoRA: euler, trailing (model card ByteDance/SDXL-Lightning); by hand: steps, guidance, loraStrength, size",
    );
  });

  it("steps, timesteps and sigmas by hand never meet the published ones", () => {
    const dmd2 = find("sdxl/dmd2/lora");
    for (const given of [
      {},
      { steps: 4 },
      { steps: 6 },
      { schedule: "sgm_uniform" as const },
      { timesteps: [999, 499] },
      { sigmas: [14.6, 1, 0] },
      { steps: 4, schedule: "trailing" as const },
    ]) {
      expect(() => planSampling(applyAccelerator(dmd2, given).sampling)).not.toThrow();
    }
    expect(applyAccelerator(dmd2, { steps: 4 }).sampling.timesteps).toEqual([999, 749, 499, 249]);
    expect(applyAccelerator(dmd2, { steps: 6 }).sampling).toMatchObject({ steps: 6, schedule: "simple" });
    expect(applyAccelerator(dmd2, { sigmas: [14.6, 1, 0] }).sampling.schedule).toBeUndefined();
  });

  it("eta and gamma go with their sampler, and mix with settings by hand", () => {
    const tcd = find("sdxl/tcd/lora");
    expect(applyAccelerator(tcd, { settings: { noiseScale: 0.9 } }).sampling.settings).toEqual({
      gamma: 0.3,
      noiseScale: 0.9,
    });
    expect(applyAccelerator(tcd, { settings: { gamma: 0 } }).sampling.settings).toEqual({ gamma: 0 });
    expect(applyAccelerator(tcd, { sampler: "euler" }).sampling.settings).toBeUndefined();
  });

  it("a whole network says what it predicts, a LoRA leaves that to its checkpoint", () => {
    expect(applyAccelerator(find("sdxl/lightning-1/unet")).sampling.prediction).toBe("sample");
    expect(applyAccelerator(find("sdxl/lightning-4/lora")).sampling).not.toHaveProperty("prediction");
  });

  it("full LCM models get their guidance as an input", () => {
    expect(applyAccelerator(find("sd15/lcm/unet"))).toMatchObject({ guidanceInput: 8, sampling: { guidance: 1 } });
    expect(applyAccelerator(find("sd15/lcm/unet"), { guidanceInput: 5 }).guidanceInput).toBe(5);
    expect(applyAccelerator(find("sd15/lcm/lora"))).not.toHaveProperty("guidanceInput");
  });
});

describe("resolveAccelerator", () => {
  it("knows the names people use", () => {
    for (const name of [
      "lcm",
      "turbo",
      "tcd",
      "dmd2",
      "flash",
      ...[1, 2, 4, 8].flatMap((n) => [`lightning-${n}`, `hyper-${n}`]),
      "hyper-8-cfg",
      "hyper-12-cfg",
    ])
      expect(acceleratorNames).toContain(name);
  });

  it("chooses by base family and by the files given", () => {
    const lora = file("lora", "sd15/hyper-4/lora");
    expect(variantId(resolveAccelerator("hyper-4", { base: "sd15", files: [lora] }).variant)).toBe("sd15/hyper-4/lora");
    const unet = file("unet", "sdxl/hyper-1/unet");
    expect(variantId(resolveAccelerator("hyper-1", { base: "sdxl", files: [unet] }).variant)).toBe("sdxl/hyper-1/unet");
  });

  it("prefers the file that is surest", () => {
    const possible = file("lora", "sdxl/lightning-4/lora");
    const certain: GivenFile = {
      ...file("unet", "sdxl/lightning-4/unet"),
      recognition: { candidates: [{ variant: find("sdxl/lightning-4/unet"), confidence: "certain", reasons: [] }] },
    };
    expect(resolveAccelerator("lightning-4", { base: "sdxl", files: [possible, certain] }).file).toBe(certain);
  });

  it("refuses by name what is not there", () => {
    const unknown = errorOf(() => resolveAccelerator("lightning-3", { base: "sdxl", files: [] }));
    expect(unknown.code).toBe("unknown-accelerator");
    expect(unknown.expected).toContain("lightning-4");
    const base = errorOf(() => resolveAccelerator("lightning-4", { base: "sd15", files: [] }));
    expect(base.code).toBe("accelerator-base");
    expect(base.hint).toContain("hyper-4");
    const missing = errorOf(() => resolveAccelerator("lightning-4", { base: "sdxl", files: [] }));
    expect(missing.code).toBe("accelerator-file-missing");
    expect(missing.expected).toContain("--lora sdxl_lightning_4step_lora.safetensors");
    expect(missing.hint).toContain("ByteDance/SDXL-Lightning");
    const other = errorOf(() =>
      resolveAccelerator("lightning-4", { base: "sdxl", files: [file("lora", "sdxl/hyper-4/lora")] }),
    );
    expect(other.code).toBe("accelerator-file-missing");
    expect(other.found).toContain("(a lora)");
  });
});
