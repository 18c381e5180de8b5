// `fewstep explain`: a run's steps beside the timesteps that its accelerator was distilled at, as text and as a picture.
import { explainRun, explainSvg, explainText, type FamilyId, FewstepError, families } from "@fewstep/core";
import { writeFileAtomically } from "@fewstep/core/node";
import { Command, Option } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { type DryRunOptions, dryRun } from "../run/dry-run.js";
import { word } from "../run/parse-values.js";
import { withPreset } from "../run/preset-option.js";
import { checkedPrompt } from "../run/read-prompts.js";
import { addRequestOptions } from "../run/request-options.js";

interface ExplainOptions extends DryRunOptions {
  readonly svg?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const FAMILIES = Object.keys(families) as readonly FamilyId[];

export function explainCommand(): Command {
  const command = new Command("explain")
    .description("Show a run's steps on the timesteps its accelerator was trained at.")
    .argument("[prompt]", "as for generate");
  return addRequestOptions(command)
    .addOption(
      new Option("--family <name>", `${FAMILIES.join(", ")}: in place of a model`).argParser(word("family", FAMILIES)),
    )
    .option("--svg <file>", "write it as a picture too")
    .option("--force", "replace a file that is there")
    .option("--json", "print it as JSON")
    .action(async (argument: string | undefined, given: ExplainOptions) => {
      const output = processOutput(given.json === true);
      const { prompt, options } = withPreset(argument, given);
      await interruptible(async (signal) => {
        const { plan, notes, variant } = await dryRun(checkedPrompt(prompt ?? ""), options, signal);
        if (variant === undefined) throw noAccelerator();
        const explanation = explainRun(plan.sampling, variant);
        if (options.svg !== undefined) {
          const bytes = new TextEncoder().encode(explainSvg(explanation));
          await writeFileAtomically(options.svg, bytes, { replace: options.force === true, signal });
        }
        for (const note of notes) output.note(note);
        output.result(explainText(explanation), explanation);
      });
    });
}

function noAccelerator(): FewstepError {
  return new FewstepError({
    code: "accelerator-missing",
    message: "there is no accelerator whose timesteps the run could be held against",
    expected: "--accelerator NAME, or a file that is known to be one",
    hint: "fewstep plan shows the steps of any run",
  });
}
