// `fewstep defaults`: shows and changes what is saved for a model: settings that count unless a run says otherwise.
import { Command } from "commander";
import { processOutput } from "../output.js";
import { addDefaultOptions, type DefaultOptions } from "../run/request-options.js";
import { modelKey, parseSaved, type SavedOptions, toSaved } from "../run/saved-defaults.js";
import { readSettings, writeSettings } from "../settings.js";

interface DefaultsOptions extends DefaultOptions {
  readonly remove?: boolean;
  readonly json?: boolean;
}

export function defaultsCommand(): Command {
  return addDefaultOptions(
    new Command("defaults")
      .description("Show or change the settings that are saved for a model: what no option of a run says.")
      .argument("[model]", "a checkpoint's file or name; the folder does not count"),
  )
    .option("--remove", "forget what is saved for the model")
    .option("--json", "print JSON")
    .action(async (model: string | undefined, { remove = false, json = false, ...given }: DefaultsOptions) => {
      const { models: before = {}, ...folders } = await readSettings();
      const key = model === undefined ? undefined : modelKey(model);
      const models = key === undefined ? before : changed(before, key, given, remove);
      if (models !== before) await writeSettings({ ...folders, models });
      const shown = key === undefined ? models : Object.fromEntries([...entryOf(models, key)]);
      processOutput(json).result(describe(shown), shown);
    });
}

type Models = Readonly<Record<string, SavedOptions>>;

function changed(models: Models, key: string, given: DefaultOptions, remove: boolean): Models {
  const others = Object.entries(models).filter(([name]) => name !== key);
  if (remove) return Object.fromEntries(others);
  const saved = toSaved(given);
  if (Object.keys(saved).length === 0) return models;
  parseSaved(key, saved);
  const before = Object.hasOwn(models, key) ? models[key] : {};
  return Object.fromEntries([...others, [key, { ...before, ...saved }]]);
}

function entryOf(models: Models, key: string): readonly (readonly [string, SavedOptions])[] {
  return Object.hasOwn(models, key) ? [[key, models[key]!]] : [];
}

function describe(models: Models): string {
  const lines = Object.entries(models).map(([name, saved]) => {
    const options = Object.entries(saved).map(([option, value]) => `--${option}=${value}`);
    return `${name}: ${options.join(" ")}`;
  });
  return lines.length === 0 ? "nothing is saved" : lines.join("\n");
}
