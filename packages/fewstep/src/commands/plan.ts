// `fewstep plan`: what a run would do, row by row, with nothing loaded: from a family's name, or from a checkpoint's header.
import { type FamilyId, families } from "@fewstep/core";
import { Command, Option } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { type DryRunOptions, dryRuns } from "../run/dry-run.js";
import { word } from "../run/parse-values.js";
import { planTable } from "../run/plan-table.js";
import { withPreset } from "../run/preset-option.js";
import { addChoiceOptions, type ChoiceOptions } from "../run/prompt-choices.js";
import { checkedPrompt } from "../run/read-prompts.js";
import { addRequestOptions } from "../run/request-options.js";

interface PlanOptions extends DryRunOptions, ChoiceOptions {
  readonly json?: boolean;
}

const FAMILIES = Object.keys(families) as readonly FamilyId[];

export function planCommand(): Command {
  const command = new Command("plan")
    .description("Show what a run would do, step by step.")
    .argument("[prompt]", "as for generate");
  return addChoiceOptions(addRequestOptions(command))
    .addOption(
      new Option("--family <name>", `${FAMILIES.join(", ")}: in place of a model`).argParser(word("family", FAMILIES)),
    )
    .option("--json", "print the plan as JSON")
    .action(async (argument: string | undefined, given: PlanOptions) => {
      const output = processOutput(given.json === true);
      const { prompt, options } = withPreset(argument, given);
      const runs = await interruptible((signal) => dryRuns(checkedPrompt(prompt ?? ""), options, signal));
      for (const note of new Set(runs.flatMap(({ notes }) => notes))) output.note(note);
      const isChosen = options.choices === true || options.wildcards !== undefined;
      for (const { seed, plan } of runs) {
        const chosen = isChosen ? `seed ${seed}: ${plan.prompt}\n` : "";
        output.result(`${chosen}${planTable(plan)}`, plan);
      }
    });
}
