// The refusal shared by all schedules that do not exist for a number of steps.
import { FewstepError } from "../errors.js";

export function undefinedSchedule(name: string, steps: number, expected: string): FewstepError {
  return new FewstepError({
    code: "undefined-schedule",
    message: `the ${name} schedule does not exist for this number of steps`,
    found: String(steps),
    expected,
  });
}
