// What an adapter touches of a small model of SDXL's structure, what of it has no place, and what has another shape.
import { describe, expect, it } from "vitest";
import { fitAdapter } from "../families/adapter-fit.js";
import { SMALL_UNETS, smallModel } from "../families/adapter-model.test.fixture.js";
import { fileWith, type TensorSpec } from "../weights/adapters/adapter-file.test.fixture.js";
import { parseAdapter } from "../weights/adapters/parse.js";
import { fitReport } from "./fit-report.js";

const model = smallModel(SMALL_UNETS.sdxl, 2);
const lora = (module: string, out: number, input: number): Record<string, TensorSpec> => ({
  [`lora_unet_${module}.lora_down.weight`]: [[2, input]],
  [`lora_unet_${module}.lora_up.weight`]: [[out, 2]],
});
const report = async (tensors: Record<string, TensorSpec>) =>
  fitReport(fitAdapter(await parseAdapter("a", await fileWith(tensors)), model), model);

const query = "down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q";
const time = "down_blocks_1_resnets_0_time_emb_proj";

describe("fitReport", () => {
  it("counts touched layers against those that the model has", async () => {
    const { verdict, placed, layers } = await report({ ...lora(query, 64, 64), ...lora(time, 64, 128) });
    expect([verdict, placed]).toEqual(["whole", 1]);
    const attention = layers.find(({ kind }) => kind === "attention")!;
    const names = [...model.unet!.weights.names];
    const has = names.filter((name) => /\.attn[12]\..*weight$/.test(name)).length;
    expect(attention).toEqual({ network: "unet", kind: "attention", touched: 1, of: has });
    expect(has).toBeGreaterThan(1);
    expect(layers.map(({ kind }) => kind).sort()).toEqual(["attention", "time"]);
  });

  it("names what has no place, and layers of another shape", async () => {
    const found = await report({ ...lora(query, 64, 64), ...lora("down_blocks_9_conv", 4, 4), ...lora(time, 32, 128) });
    expect(found.verdict).toBe("part");
    expect(found.placed).toBeCloseTo(1 / 3);
    expect(found.unclaimed).toEqual(expect.arrayContaining(["lora_unet_down_blocks_9_conv.lora_down.weight"]));
    expect(found.misfit).toEqual([expect.objectContaining({ module: `lora_unet_${time}` })]);
  });
});
