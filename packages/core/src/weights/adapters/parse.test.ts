import { describe, expect, it } from "vitest";
import { codeOf } from "../raw-file.test.fixture.js";
import type { Adapter, Delta } from "./adapter.js";
import { fileWith, type TensorSpec, varied } from "./adapter-file.test.fixture.js";
import { checkFinite } from "./check-finite.js";
import { parseAdapter } from "./parse.js";

const parse = async (tensors: Readonly<Record<string, TensorSpec>>, metadata?: Record<string, string>) =>
  parseAdapter("test.safetensors", await fileWith(tensors, metadata));

const code = (tensors: Readonly<Record<string, TensorSpec>>, metadata?: Record<string, string>) =>
  codeOf(parse(tensors, metadata));

const only = ({ targets }: Adapter): Delta => {
  expect(targets).toHaveLength(1);
  return targets[0]!.delta;
};

const PAIR = { "m.lora_down.weight": [[4, 6]], "m.lora_up.weight": [[5, 4]] } satisfies Record<string, TensorSpec>;

describe("spellings of a LoRA", () => {
  it.each([
    ["lora_unet_a.lora_down.weight", "lora_unet_a.lora_up.weight", "lora_unet_a"],
    ["unet.a.lora.down.weight", "unet.a.lora.up.weight", "unet.a"],
    ["text_encoder.a.lora_linear_layer.down.weight", "text_encoder.a.lora_linear_layer.up.weight", "text_encoder.a"],
    ["a.processor.to_q_lora.down.weight", "a.processor.to_q_lora.up.weight", "a.processor.to_q"],
    ["base_model.model.a.lora_A.weight", "base_model.model.a.lora_B.weight", "base_model.model.a"],
    ["a.lora_A.default.weight", "a.lora_B.default.weight", "a"],
    ["a.lora_A", "a.lora_B", "a"],
  ])("%s", async (down, up, module) => {
    const adapter = await parse({ [down]: [[4, 6]], [up]: [[5, 4]] });
    expect(only(adapter)).toMatchObject({ kind: "lora", rank: 4, alpha: 4 });
    expect(adapter.targets[0]).toMatchObject({ module, parameter: "weight", keys: [down, up].sort() });
    expect(adapter.unclaimed).toEqual([]);
  });
});

describe("alpha", () => {
  it("is the rank where there is none, and says so", async () => {
    const adapter = await parse(PAIR);
    expect(only(adapter)).toMatchObject({ rank: 4, alpha: 4 });
    expect(adapter.notes).toEqual(['1 module ("m") has no alpha: alpha is taken to be the rank']);
  });

  it.each([
    ["a scalar", [], 8],
    ["of shape [1]", [1], 8],
    ["of shape [1,1]", [1, 1], 8],
  ] as const)("is read when it is %s", async (_, shape, value) => {
    const adapter = await parse({ ...PAIR, "m.alpha": [shape, [value], "f16"] });
    expect(only(adapter)).toMatchObject({ rank: 4, alpha: 8 });
    expect(adapter.notes).toEqual([]);
  });

  it("of 0 is 0, and says that nothing will happen", async () => {
    const adapter = await parse({ ...PAIR, "m.alpha": [[], [0]] });
    expect(only(adapter)).toMatchObject({ alpha: 0 });
    expect(adapter.notes).toEqual(['1 module ("m") has an alpha of 0: no effect']);
  });

  it.each([
    ["NaN", [], [Number.NaN]],
    ["infinite", [], [Number.POSITIVE_INFINITY]],
    ["-1", [], [-1]],
    ["two numbers", [2], [4, 4]],
    ["no number", [0], []],
  ] as const)("is refused when it is %s", async (_, shape, values) => {
    expect(await code({ ...PAIR, "m.alpha": [shape, values] })).toBe("adapter-alpha");
  });

  it("comes from diffusers' metadata where there is no tensor", async () => {
    const tensors = { "unet.a.lora_A.weight": [[4, 6]], "unet.a.lora_B.weight": [[5, 4]] } as const;
    const alphaWith = async (config: object) =>
      only(await parse(tensors, { lora_adapter_metadata: JSON.stringify(config) }));
    expect(await alphaWith({ "unet.lora_alpha": 16 })).toMatchObject({ alpha: 16 });
    expect(await alphaWith({ "unet.lora_alpha": 16, "unet.alpha_pattern": { a: 2 } })).toMatchObject({ alpha: 2 });
    expect(await alphaWith({ "unet.lora_alpha": 16, "unet.use_rslora": true })).toMatchObject({ alpha: 32 });
    expect(await alphaWith({ "text_encoder.lora_alpha": 16 })).toMatchObject({ alpha: 4 });
    expect(await code(tensors, { lora_adapter_metadata: "{" })).toBe("adapter-metadata");
  });

  it("of a tensor counts before the metadata's", async () => {
    const config = { lora_adapter_metadata: '{"unet.lora_alpha":16}' };
    const tensors: Record<string, TensorSpec> = {
      "unet.a.lora_A.weight": [[4, 6]],
      "unet.a.lora_B.weight": [[5, 4]],
      "unet.a.alpha": [[], [2]],
    };
    expect(only(await parse(tensors, config))).toMatchObject({ alpha: 2 });
  });
});

describe("what is refused", () => {
  it.each([
    ["down without up", "adapter-incomplete", { "m.lora_down.weight": [[4, 6]] }],
    ["up without down", "adapter-incomplete", { "m.lora_up.weight": [[5, 4]] }],
    ["rank 0", "adapter-rank", { "m.lora_down.weight": [[0, 6]], "m.lora_up.weight": [[5, 0]] }],
    ["two ranks", "adapter-shape", { "m.lora_down.weight": [[4, 6]], "m.lora_up.weight": [[5, 3]] }],
    ["scalars for factors", "adapter-rank", { "m.lora_down.weight": [[]], "m.lora_up.weight": [[]] }],
    ["up with a kernel", "adapter-shape", { "m.lora_down.weight": [[4, 6, 1, 1]], "m.lora_up.weight": [[5, 4, 3, 3]] }],
    [
      "a middle of another rank",
      "adapter-shape",
      { "m.lora_down.weight": [[4, 6, 1, 1]], "m.lora_mid.weight": [[4, 3, 3, 3]], "m.lora_up.weight": [[5, 4, 1, 1]] },
    ],
    ["half a LoHa", "adapter-incomplete", { "m.hada_w1_a": [[5, 2]], "m.hada_w1_b": [[2, 6]] }],
    [
      "a LoHa of two shapes",
      "adapter-shape",
      { "m.hada_w1_a": [[5, 2]], "m.hada_w1_b": [[2, 6]], "m.hada_w2_a": [[6, 2]], "m.hada_w2_b": [[2, 6]] },
    ],
    ["a LoKr without its second factor", "adapter-incomplete", { "m.lokr_w1": [[2, 2]] }],
    [
      "a LoKr factor that does not multiply",
      "adapter-shape",
      { "m.lokr_w1": [[2, 2]], "m.lokr_w2_a": [[3, 2]], "m.lokr_w2_b": [[4, 3]] },
    ],
    ["a magnitude on two axes", "adapter-shape", { ...PAIR, "m.dora_scale": [[5, 6]] }],
    ["two formats for one module", "adapter-duplicate", { ...PAIR, "m.lokr_w1": [[5, 6]], "m.lokr_w2": [[1, 1]] }],
    ["two spellings of one tensor", "adapter-duplicate", { ...PAIR, "m.lora_A.weight": [[4, 6]] }],
    ["OFT blocks that are not square", "adapter-shape", { "m.oft_blocks": [[2, 3, 2]] }],
    ["OFT blocks without a size", "adapter-shape", { "m.oft_blocks": [[2, 0, 0]] }],
    ["OFT blocks of two axes", "adapter-shape", { "m.oft_blocks": [[4, 4]] }],
    ["OFT blocks of five axes", "adapter-shape", { "m.oft_blocks": [[1, 1, 2, 2, 2]] }],
    ["a butterfly of odd blocks", "adapter-shape", { "m.oft_blocks": [[2, 4, 3, 3]] }],
    ["a butterfly of more stages than blocks allow", "adapter-shape", { "m.oft_blocks": [[4, 4, 2, 2]] }],
    ["a butterfly of 33 stages", "adapter-shape", { "m.oft_blocks": [[33, 4, 2, 2]] }],
    ["a butterfly of rotations", "adapter-shape", { "m.oft_diag": [[2, 4, 2, 2]] }],
    ["a rescale of other rows", "adapter-shape", { "m.oft_blocks": [[2, 2, 2]], "m.rescale": [[5, 1]] }],
    ["a rescale of columns", "adapter-shape", { "m.oft_blocks": [[2, 2, 2]], "m.rescale": [[1, 4]] }],
    ["a rescale alone", "adapter-incomplete", { "m.rescale": [[4, 1]] }],
    ["a constraint that is negative", "adapter-alpha", { "m.oft_blocks": [[2, 2, 2]], "m.alpha": [[], [-1]] }],
    ["OFT and LoRA for one module", "adapter-duplicate", { ...PAIR, "m.oft_blocks": [[2, 2, 2]] }],
    ["magnitudes beside OFT", "adapter-format", { "m.oft_blocks": [[2, 2, 2]], "m.dora_scale": [[4, 1]] }],
    ["OFT, as PEFT stores it", "adapter-format", { ...PAIR, "n.oft_R.default.weight": [[2, 1]] }],
    [
      "BOFT, as PEFT stores it",
      "adapter-format",
      { "unet.n.boft_R.default": [[1, 2, 2, 2]], "unet.n.boft_s.default": [[4, 1]] },
    ],
    ["IA3 without its factors", "adapter-incomplete", { "m.on_input": [[], [1]] }],
    ["IA3 with factors on two axes", "adapter-shape", { "m.on_input": [[], [1]], "m.weight": [[4, 2]] }],
    ["IA3 with a flag of 2", "adapter-on-input", { "m.on_input": [[], [2]], "m.weight": [[4]] }],
    ["IA3 with a flag that is none", "adapter-on-input", { "m.on_input": [[2], [0, 1]], "m.weight": [[4]] }],
    ["factors without IA3's flag", "not-an-adapter", { "m.weight": [[4]] }],
    ["IA3, as PEFT stores it", "adapter-format", { "unet.n.ia3_l.default": [[4, 1]] }],
    ["half a GLoRA", "adapter-incomplete", { "m.a1.weight": [[2, 2]] }],
    [
      "GLoRA of several ranks",
      "adapter-shape",
      { "m.a1.weight": [[6, 2]], "m.a2.weight": [[3, 6]], "m.b1.weight": [[5, 2]], "m.b2.weight": [[2, 6]] },
    ],
    [
      "GLoRA of rank 0",
      "adapter-rank",
      { "m.a1.weight": [[6, 0]], "m.a2.weight": [[0, 6]], "m.b1.weight": [[5, 0]], "m.b2.weight": [[0, 6]] },
    ],
    [
      "GLoRA on two widths",
      "adapter-shape",
      { "m.a1.weight": [[6, 2]], "m.a2.weight": [[2, 6]], "m.b1.weight": [[5, 2]], "m.b2.weight": [[2, 7]] },
    ],
    [
      "GLoRA with a kernel on the inputs",
      "adapter-shape",
      {
        "m.a1.weight": [[6, 2, 3, 3]],
        "m.a2.weight": [[2, 6, 1, 1]],
        "m.b1.weight": [[5, 2, 1, 1]],
        "m.b2.weight": [[2, 6, 3, 3]],
      },
    ],
    ["a checkpoint", "not-an-adapter", { "model.diffusion_model.out.2.weight": [[4, 4, 3, 3]] }],
    ["an empty file", "not-an-adapter", {}],
    ["alphas alone", "not-an-adapter", { "m.alpha": [[], [1]] }],
  ] as readonly [string, string, Record<string, TensorSpec>][])("%s", async (_, expected, tensors) => {
    expect(await code(tensors)).toBe(expected);
  });

  it("names that would be special as properties, only as far as they are wrong", async () => {
    const adapter = await parse({ "__proto__.lora_down.weight": [[4, 6]], "__proto__.lora_up.weight": [[5, 4]] });
    expect(adapter.targets[0]!.module).toBe("__proto__");
  });
});

/** |B - B^T| of the longest of three blocks of 4x4 with the fixture's values. */
const OFT_LONGEST = Math.max(
  ...[0, 1, 2].map((block) => {
    const at = (i: number, j: number) => varied(16 * block + 4 * i + j);
    return Math.hypot(...Array.from({ length: 16 }, (_, k) => at(k >> 2, k & 3) - at(k & 3, k >> 2)));
  }),
);

describe("the other formats", () => {
  it("reads a LoHa with cores", async () => {
    const adapter = await parse({
      "m.hada_t1": [[2, 2, 3, 3]],
      "m.hada_t2": [[2, 2, 3, 3]],
      "m.hada_w1_a": [[2, 5]],
      "m.hada_w1_b": [[2, 6]],
      "m.hada_w2_a": [[2, 5]],
      "m.hada_w2_b": [[2, 6]],
      "m.alpha": [[], [1]],
    });
    expect(only(adapter)).toMatchObject({ kind: "loha", rank: 2, alpha: 1 });
  });

  it("ignores the alpha of a LoKr whose factors are whole", async () => {
    const adapter = await parse({ "m.lokr_w1": [[2, 2]], "m.lokr_w2": [[3, 3]], "m.alpha": [[], [32768]] });
    expect(only(adapter)).toMatchObject({ kind: "lokr", rank: 1, alpha: 1 });
    expect(adapter.unclaimed).toEqual([]);
  });

  it("takes the rank of a LoKr with a core from b", async () => {
    const adapter = await parse({
      "m.lokr_w1": [[2, 2]],
      "m.lokr_w2_a": [[2, 8]],
      "m.lokr_w2_b": [[2, 9]],
      "m.lokr_t2": [[2, 2, 3, 3]],
      "m.alpha": [[], [1]],
    });
    expect(only(adapter)).toMatchObject({ rank: 2, alpha: 1 });
  });

  it("reads OFT and BOFT, whose alpha is a constraint and no factor", async () => {
    const oft = await parse({ "m.oft_blocks": [[3, 4, 4]], "m.alpha": [[], [0]], "m.rescale": [[12, 1, 1, 1]] });
    expect(only(oft)).toMatchObject({
      kind: "rotation",
      stages: 1,
      longest: expect.closeTo(OFT_LONGEST, 5),
      count: 3,
      size: 4,
      turned: true,
      constraint: 0,
    });
    expect(oft.notes).toEqual([
      '1 module ("m") has rotations (OFT): folded into the weights before a run; strength counts twice, as in ComfyUI',
    ]);
    expect(oft.unclaimed).toEqual([]);
    const boft = await parse({ "m.oft_blocks": [[3, 4, 4, 4]] });
    expect(only(boft)).toMatchObject({ stages: 3, count: 4, size: 4, turned: false, constraint: 0 });
    expect(boft.notes).toHaveLength(1);
  });

  it("tells the two forms of GLoRA by their shapes", async () => {
    const glora = async (a1: readonly number[], b1: readonly number[], b2: readonly number[]) => {
      const found = only(
        await parse({
          "m.a1.weight": [a1],
          "m.a2.weight": [a1.toReversed()],
          "m.b1.weight": [b1],
          "m.b2.weight": [b2],
        }),
      );
      return found.kind === "glora" && [found.rank, found.enter.name];
    };
    expect(await glora([2, 6], [2, 6], [5, 2])).toEqual([2, "m.a2.weight"]);
    expect(await glora([6, 2], [5, 2], [2, 6])).toEqual([2, "m.a1.weight"]);
    // a square layer fits both: the rank is the smaller axis
    expect(await glora([2, 6], [2, 6], [6, 2])).toEqual([2, "m.a2.weight"]);
    expect(await glora([6, 2], [6, 2], [2, 6])).toEqual([2, "m.a1.weight"]);
    expect(await glora([6, 6], [6, 6], [6, 6])).toEqual([6, "m.a2.weight"]);
  });

  it("reads (IA)^3 beside names that are nothing", async () => {
    const adapter = await parse({ "m.on_input": [[], [1], "i64"], "m.weight": [[1, 6, 1, 1]], "n.weight": [[3]] });
    expect(only(adapter)).toMatchObject({ kind: "ia3", onInput: true });
    expect(adapter.unclaimed).toEqual(["n.weight"]);
  });

  it("tells the axis of magnitudes", async () => {
    const axis = async (name: string, shape: readonly number[]) => only(await parse({ ...PAIR, [name]: [shape] }));
    expect(await axis("m.dora_scale", [5, 1])).toMatchObject({ kind: "dora", axis: "out", of: { kind: "lora" } });
    expect(await axis("m.dora_scale", [1, 6])).toMatchObject({ axis: "in" });
    expect(await axis("m.dora_scale", [5])).toMatchObject({ axis: "out" });
    // PEFT's is one a row, whatever its shape
    expect(await axis("m.lora_magnitude_vector.default.weight", [1, 5])).toMatchObject({ axis: "out" });
  });

  it("reads differences of weights and biases beside each other", async () => {
    const { targets, unclaimed } = await parse({
      "m.diff": [[5, 6]],
      "m.diff_b": [[5]],
      "n.w_norm": [[5]],
      "n.b_norm": [[5]],
      "o.set_weight": [[5, 6]],
      ...PAIR,
      "p.other": [[1]],
    });
    expect(targets.map(({ module, parameter, delta }) => [module, parameter, delta.kind])).toEqual([
      ["m", "weight", "lora"],
      ["m", "weight", "diff"],
      ["m", "bias", "diff"],
      ["n", "weight", "diff"],
      ["n", "bias", "diff"],
      ["o", "weight", "set"],
    ]);
    expect(unclaimed).toEqual(["p.other"]);
  });
});

describe("checkFinite", () => {
  it("names the tensor", async () => {
    const good = await parse(PAIR);
    await expect(checkFinite(good)).resolves.toBeUndefined();
    const bad = await parse({ ...PAIR, "m.lora_up.weight": [[5, 4], (i) => (i === 7 ? Number.NaN : 0), "f16"] });
    await expect(checkFinite(bad)).rejects.toMatchObject({
      code: "adapter-not-finite",
      found: expect.stringContaining('"m.lora_up.weight"'),
    });
  });

  it.each([
    ["m.oft_blocks", { "m.oft_blocks": [[2, 2, 2], (i) => (i === 5 ? Number.POSITIVE_INFINITY : 0)] }],
    ["m.rescale", { "m.oft_blocks": [[2, 2, 2]], "m.rescale": [[4, 1], () => Number.NaN] }],
    ["m.weight", { "m.weight": [[4], () => Number.NaN], "m.on_input": [[], [0]] }],
    [
      "m.a2.weight",
      {
        "m.a1.weight": [[6, 2]],
        "m.a2.weight": [[2, 6], () => Number.NaN],
        "m.b1.weight": [[5, 2]],
        "m.b2.weight": [[2, 6]],
      },
    ],
  ] as readonly [string, Record<string, TensorSpec>][])("looks at %s", async (name, tensors) => {
    await expect(checkFinite(await parse(tensors))).rejects.toMatchObject({
      code: "adapter-not-finite",
      found: expect.stringContaining(JSON.stringify(name)),
    });
  });

  it("stops when asked", async () => {
    await expect(checkFinite(await parse(PAIR), AbortSignal.abort())).rejects.toMatchObject({ code: "interrupted" });
  });
});
