// `fewstep fit` and `fewstep stack`: LoRAs held against a model by headers, and against one another by what they add.
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

interface Layers {
  readonly network: string;
  readonly kind: string;
  readonly touched: number;
  readonly of: number;
}
interface StackJson {
  readonly adapters: readonly {
    readonly name: string;
    readonly accelerator: boolean;
    readonly blocks: readonly { readonly block: string; readonly delta: number; readonly base: number }[];
  }[];
  readonly blocks: readonly { readonly block: string; readonly ratio: number }[];
  readonly overloaded: readonly string[];
  readonly strengths: Readonly<Record<string, number>>;
}

let folder: CommandFolder;
const [model, sdxl, lcm, style] = ["sd15-tiny", "sdxl-tiny", "sd15-lcm-like", "sd15-lora-kohya"].map(testModel) as [
  string,
  string,
  string,
  string,
];
beforeAll(() => {
  folder = new CommandFolder();
});
afterAll(() => folder.remove());

test("a LoRA that fits: what it touches of what the model has, its factor, what it is", async () => {
  const { code, stdout, stderr } = await folder.run(["fit", model, lcm, "--json"]);
  expect(code, stderr).toBe(0);
  const fit = JSON.parse(stdout) as {
    readonly report: { readonly verdict: string; readonly placed: number; readonly layers: readonly Layers[] };
    readonly ranks: readonly number[];
    readonly factors: readonly number[];
    readonly accelerator: string;
  };
  expect(fit).toMatchObject({ report: { verdict: "whole", placed: 1 }, ranks: [64], factors: [0.125] });
  expect(fit.accelerator).toContain("LCM-LoRA for SD1.5");
  const attention = fit.report.layers.find(({ kind }) => kind === "attention")!;
  expect(attention).toMatchObject({ network: "unet", touched: attention.of });
  expect(fit.report.layers.reduce((sum, { touched }) => sum + touched, 0)).toBe(278);
  expect((await folder.run(["fit", model, lcm])).stdout).toMatch(/UNet, attention: (\d+) of \1\n/);
});

test("a LoRA of another family does not fit: why, and exit code 1", async () => {
  const { code, stdout, stderr } = await folder.run(["fit", sdxl, style]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/does not fit .*: .*is for a model with text states 128 wide, the model is .* 256 wide/);
  expect(stderr).toContain("does not fit");
});

const stack = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await folder.run(["stack", "--model", model, ...args, "--json"]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as StackJson;
};

test("styles beside an accelerator: ratios by block, an overload, strengths that end it", async () => {
  const one = await stack("--lora", `${style}:1`, "--lora", lcm);
  expect(one.adapters.map(({ accelerator }) => accelerator)).toEqual([false, true]);
  const [first] = one.blocks.filter(({ ratio }) => ratio > 0);
  const [delta, accelerator] = one.adapters.map(
    ({ blocks }) => blocks.find(({ block }) => block === first!.block)!.delta,
  ) as [number, number];
  expect(first!.ratio).toBeCloseTo(delta / accelerator, 9);
  // the limit just below what the stack has, so that it is overloaded
  const worst = Math.max(...one.blocks.map(({ ratio }) => ratio));
  const args = ["--lora", `${style}:1`, "--lora", lcm, "--ratio", String(worst / 2)];
  const overloaded = await stack(...args);
  expect(overloaded.overloaded.length).toBeGreaterThan(0);
  const name = overloaded.adapters[0]!.name;
  expect(overloaded.strengths[name]).toBeLessThanOrEqual(0.5);
  const lowered = await stack(
    "--lora",
    `${style}:${overloaded.strengths[name]}`,
    "--lora",
    lcm,
    "--ratio",
    String(worst / 2),
  );
  expect(lowered.overloaded).toEqual([]);
  const text = await folder.run(["stack", "--model", model, ...args]);
  expect(text.stdout).toMatch(/warning: styles add up to .*\nwarning: try /);
});

test("the accelerator can be named; without one nothing is judged; without LoRAs there is no stack", async () => {
  const named = await stack("--lora", style, "--accelerator", "lcm");
  expect(named.adapters.map(({ accelerator }) => accelerator)).toEqual([true]);
  expect((await stack("--lora", lcm, "--accelerator", "none")).overloaded).toEqual([]);
  expect((await folder.run(["stack", "--model", model])).code).toBe(2);
});
