// Adapters whose strength changes by step: what a run and a form of the network can do with them.
import { FewstepError } from "../errors.js";
import type { ActiveAdapter } from "../families/adapter-fit.js";
import type { AdapterForm } from "./adapted-network.js";

export const changesByStep = ({ strengthSteps }: ActiveAdapter): boolean => strengthSteps !== undefined;

/** @throws FewstepError `bad-step-strengths` */
export function checkStepStrengths(adapters: readonly ActiveAdapter[], steps: number): void {
  for (const { fit, strengthSteps } of adapters) {
    if (strengthSteps === undefined || strengthSteps.length === steps) continue;
    throw new FewstepError({
      code: "bad-step-strengths",
      message: "the list of an adapter's strengths does not fit the run",
      found: `${strengthSteps.length} strengths of ${fit.adapter.name} for ${steps} steps`,
      expected: "one for each step, or one number for all",
    });
  }
}

/** @throws FewstepError `fold-with-steps` */
export function checkForm(adapters: readonly ActiveAdapter[], form: AdapterForm | undefined): void {
  const changing = adapters.find(changesByStep);
  if (form !== "folded" || changing === undefined) return;
  throw new FewstepError({
    code: "fold-with-steps",
    message: "an adapter whose strength changes by step cannot be folded into the weights",
    found: changing.fit.adapter.name,
    hint: "leave the folding to fewstep (--fold auto), or give one strength",
  });
}
