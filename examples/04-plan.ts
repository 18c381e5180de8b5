// What a run would do, with no model at all: node examples/dist/04-plan.js
import { families, planGenerate } from "@fewstep/core";

const plan = planGenerate(
  { family: families.sdxl, prediction: "epsilon", zeroTerminalSnr: false, embeddedGuidance: false },
  { prompt: "a cat", sampling: { steps: 4, sampler: "euler", schedule: "trailing" } },
);
console.log(`${plan.width} x ${plan.height}`);
for (const row of plan.sampling.rows) console.log(row.timestep, row.sigma, "->", row.sigmaNext);
