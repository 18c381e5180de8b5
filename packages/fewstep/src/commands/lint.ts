// `fewstep lint`: what is wrong with a run, from its options and the headers of its files; nothing is loaded.
import { type Finding, gravestFirst, lint } from "@fewstep/core";
import { modelFolders } from "@fewstep/core/node";
import { Command } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { withEmbeddedModel } from "../run/embedded-model.js";
import { findingJson, findingLines, findingText, requireNone } from "../run/findings.js";
import { lintRunOf } from "../run/lint-run.js";
import { openRun } from "../run/open-run.js";
import { addPictureOptions, type PictureOptions } from "../run/picture-options.js";
import { pictureRequest } from "../run/picture-request.js";
import { withPreset } from "../run/preset-option.js";
import { addChoiceOptions, type ChoiceOptions, promptChooser } from "../run/prompt-choices.js";
import { askPrompt } from "../run/prompt-run.js";
import { checkedPrompt } from "../run/read-prompts.js";
import { addRequestOptions, type RequestOptions } from "../run/request-options.js";
import { withSaved } from "../run/saved-defaults.js";
import { readSettings } from "../settings.js";

interface LintOptions extends RequestOptions, PictureOptions, ChoiceOptions {
  readonly strict?: boolean;
  readonly json?: boolean;
}

export function lintCommand(): Command {
  const command = new Command("lint")
    .description("Say what is wrong with a run, before it is made.")
    .argument("[prompt]", "as for generate");
  return addChoiceOptions(addPictureOptions(addRequestOptions(command)))
    .option("--strict", "end with exit code 1 where there is a warning, as an error always does")
    .option("--json", "print the findings as JSON")
    .action(async (argument: string | undefined, given: LintOptions) => {
      const output = processOutput(given.json === true);
      const { prompt, options } = withPreset(argument, given);
      const { findings, notes } = await interruptible((signal) =>
        findingsOf(checkedPrompt(prompt ?? ""), options, signal),
      );
      for (const note of notes) output.note(note);
      const text = findings.length === 0 ? "nothing to say" : findings.map(findingLines).join("\n");
      output.result(text, { findings: findings.map(findingJson) });
      requireNone(findings, options.strict === true);
    });
}

/** Of every picture's texts, each once: choices may bring another finding with another seed. */
async function findingsOf(prompt: string, given: LintOptions, signal: AbortSignal) {
  const settings = await readSettings();
  const { options } = await withEmbeddedModel(withSaved(given, settings), [prompt]);
  const folders = modelFolders(settings);
  const files = await openRun(options, folders, signal);
  const pictures = await pictureRequest(options, files.checkpoint.family.id, signal);
  const choose = await promptChooser(options, signal);
  const found = new Map<string, Finding>();
  const notes = new Set<string>();
  for (const { prompt: text, options: own, firstSeed } of choose(prompt, options.seed ?? 0n)) {
    const context = { files, options: own, pictures, believes: true, folders, signal };
    const asked = await askPrompt(text, firstSeed, context);
    for (const note of asked.notes) notes.add(note);
    for (const finding of lint(lintRunOf(asked, files))) found.set(findingText(finding), finding);
  }
  return { findings: gravestFirst([...found.values()]), notes };
}
