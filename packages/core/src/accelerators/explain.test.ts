import { describe, expect, it } from "vitest";
import { planSampling } from "../sampling/plan.js";
import { variantId } from "./accelerator.js";
import { acceleratorVariants } from "./accelerators.js";
import { applyAccelerator } from "./apply.js";
import { explainRun } from "./explain.js";
import { explainSvg } from "./explain-svg.js";
import { explainText } from "./explain-text.js";

const find = (id: string) => acceleratorVariants.find((variant) => variantId(variant) === id)!;
const lightning = find("sdxl/lightning-4/lora");
const explain = (change = {}) => explainRun(planSampling(applyAccelerator(lightning, change).sampling), lightning);

describe("explainRun", () => {
  it("the published run lies on the trained timesteps", () => {
    const { steps, farthest, mean } = explain();
    expect(steps.map(({ distance }) => distance)).toEqual([0, 0, 0, 0]);
    expect([farthest, mean]).toEqual([0, 0]);
  });

  it("normal lies between them, and its last step at 0", () => {
    const { steps, farthest, mean } = explain({ schedule: "normal", profile: "comfyui" });
    expect(steps.map(({ timestep, trained }) => [timestep, trained])).toEqual([
      [999, 999],
      [666, 749],
      [333, 249],
      [0, 249],
    ]);
    expect(farthest).toBe(249);
    expect(mean).toBe((0 + 83 + 84 + 249) / 4);
  });

  it("says nothing of distances where nobody says what was trained", () => {
    const merge = find("sdxl/turbo-merge/checkpoint");
    const explanation = explainRun(planSampling(applyAccelerator(merge).sampling), merge);
    expect(explanation).not.toHaveProperty("farthest");
    expect(explainText(explanation)).toContain("nobody says at which timesteps");
  });
});

// columns: 39 (999 - t) / 999 rounded: 0, 10, 20, 29
describe("as text", () => {
  it("two rulers and a table", () => {
    expect(explainText(explain({ schedule: "normal", profile: "comfyui" }), 40)).toBe(
      [
        "SDXL-Lightning, 4 steps, LoRA, euler",
        "        999                                    0",
        "trained |---------|---------|--------|----------",
        "run     o------------o------------o------------o",
        "",
        "step    t    sigma  trained  off by",
        "   1  999  14.6146      999       0",
        "   2  666   2.9183      749      83",
        "   3  333   0.9324      249      84",
        "   4    0   0.0292      249     249",
        "farthest from a trained timestep: 249, on average 104",
      ].join("\n"),
    );
  });

  it("no line is wider than the rulers ask for, however narrow", () => {
    expect(explainText(explain(), 0).split("\n")[2]).toHaveLength(28);
  });
});

describe("as SVG", () => {
  it("is well formed, with a dot a step and a tick a trained timestep", () => {
    const svg = explainSvg(explain());
    expect(svg.match(/<circle /g)).toHaveLength(4);
    expect(svg.match(/v12"/g)).toHaveLength(4);
    expect(svg.startsWith("<svg ") && svg.endsWith("</svg>")).toBe(true);
    expect(svg.match(/<text/g)?.length).toBe(svg.match(/<\/text>/g)?.length);
  });

  it("a title from a file cannot break out of it", () => {
    const svg = explainSvg({ ...explain(), title: '<script>alert("x")</script>&' });
    expect(svg).not.toContain("<script>");
    expect(svg).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;");
  });
});
