// Rules on prompts that change by step: with few steps there are few places to change at.
import { FewstepError } from "../../errors.js";
import { scheduleTexts } from "../../text/schedule.js";
import type { LintRule } from "./rule.js";

/** A long run, against which a short one is compared: every change of a prompt shows in it. */
const longRun = 100;
const fewSteps = 8;

function textCount(prompt: string, steps: number): number {
  try {
    return new Set(scheduleTexts(prompt, { steps }).map(({ text }) => text)).size;
  } catch (error) {
    // a prompt over the limits is refused where it is read
    if (error instanceof FewstepError) return 1;
    throw error;
  }
}

const changes = (prompt: string | undefined) => prompt !== undefined && textCount(prompt, longRun) > 1;
const lost = (prompt: string | undefined, steps: number) =>
  prompt !== undefined && steps >= 1 && textCount(prompt, steps) < textCount(prompt, longRun);

export const promptRules: readonly LintRule[] = [
  {
    code: "prompt-change-lost",
    severity: "warning",
    holds: ({ run, steps }) => lost(run.prompt, steps),
    reason: ({ run, steps }) =>
      `of ${textCount(run.prompt ?? "", longRun)} texts the prompt changes between, ${steps} steps reach ${textCount(run.prompt ?? "", steps)}`,
    fix: () => "use more steps, or one text",
    source: "A1111 modules/prompt_parser.py: a change happens between steps",
  },
  {
    code: "prompt-change-coarse",
    severity: "note",
    holds: ({ run, steps }) => steps > 1 && steps <= fewSteps && changes(run.prompt) && !lost(run.prompt, steps),
    reason: ({ steps }) => `with ${steps} steps the prompt can change at ${steps - 1} places only`,
    fix: ({ steps }) => `write the place as a multiple of ${(1 / steps).toFixed(3)}`,
    source: "A1111 modules/prompt_parser.py: a change happens between steps",
  },
];
