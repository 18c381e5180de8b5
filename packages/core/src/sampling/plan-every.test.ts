// Every sampler on every schedule, at few steps, with strengths and at zero terminal SNR: a plan of numbers, or a refusal that says why.
import { expect, test } from "vitest";
import { FewstepError } from "../errors.js";
import { planSampling } from "./plan.js";
import { samplerNames } from "./sampler-definitions.js";
import type { SamplingOptions } from "./sampling-options.js";
import { scheduleNames } from "./schedules.js";

const STEPS = [1, 2, 3, 8];
const STRENGTHS = [undefined, 0.5];
const REFUSALS = new Set([
  "strength-too-low",
  "undefined-schedule",
  "schedule-not-finite",
  "sampler-needs-finite-sigma",
]);

function outcome(options: SamplingOptions): string {
  try {
    const { rows } = planSampling(options);
    const numbers = rows.flatMap((row) => Object.values(row).filter((value) => typeof value === "number"));
    return rows.length > 0 && numbers.every(Number.isFinite) ? "planned" : "not finite";
  } catch (error) {
    return error instanceof FewstepError && error.kind === "input" ? error.code : String(error);
  }
}

test.each(samplerNames)("%s", (sampler) => {
  for (const schedule of scheduleNames) {
    for (const zeroTerminalSnr of [false, true]) {
      const outcomes = STEPS.flatMap((steps) =>
        STRENGTHS.map((strength) =>
          outcome({
            sampler,
            schedule,
            steps,
            zeroTerminalSnr,
            prediction: "v",
            ...(strength === undefined ? {} : { strength }),
          }),
        ),
      );
      const unexpected = outcomes.filter((one) => one !== "planned" && !REFUSALS.has(one));
      expect(unexpected, `${schedule}, zero terminal SNR ${zeroTerminalSnr}`).toEqual([]);
      if (!zeroTerminalSnr) expect(outcomes, schedule).toContain("planned");
    }
  }
});
