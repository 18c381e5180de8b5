// `fewstep config`: shows and changes where models are looked for by name.
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { FewstepError } from "@fewstep/core";
import { type ModelRole, modelFolders } from "@fewstep/core/node";
import { Command } from "commander";
import { processOutput } from "../output.js";
import { word } from "../run/parse-values.js";
import { type FolderSettings, ROLES, readSettings, settingsPath, writeSettings } from "../settings.js";

type Key = "comfyui" | "a1111" | ModelRole;
const KEYS: readonly Key[] = ["comfyui", "a1111", ...ROLES];

interface ConfigOptions {
  readonly remove?: boolean;
  readonly json?: boolean;
}

export function configCommand(): Command {
  return new Command("config")
    .description("Show or change the folders in which models are found by name.")
    .argument(
      "[what]",
      `${KEYS.join(", ")}: an installation, or a folder of your own for one kind of file`,
      word("config", KEYS),
    )
    .argument("[folder]", "the folder")
    .option("--remove", "take the folder out again")
    .option("--json", "print JSON")
    .action(async (key: Key | undefined, folder: string | undefined, options: ConfigOptions) => {
      const { models, ...before } = await readSettings();
      const folders = key === undefined ? before : await changed(before, key, folder, options.remove === true);
      const settings = { ...folders, ...(models && { models }) };
      if (key !== undefined) await writeSettings(settings);
      const shown = { path: settingsPath(), settings, folders: modelFolders(settings) };
      processOutput(options.json === true).result(describe(shown), shown);
    });
}

async function changed(
  settings: FolderSettings,
  key: Key,
  given: string | undefined,
  remove: boolean,
): Promise<FolderSettings> {
  const { folders = {}, ...roots } = settings;
  const isRoot = key === "comfyui" || key === "a1111";
  if (remove) {
    if (isRoot) return withFolders({ ...roots, [key]: undefined }, folders);
    const kept = given === undefined ? [] : (folders[key] ?? []).filter((one) => one !== resolve(given));
    return withFolders(roots, { ...folders, [key]: kept.length === 0 ? undefined : kept });
  }
  const folder = await existingFolder(given);
  if (isRoot) return withFolders({ ...roots, [key]: folder }, folders);
  return withFolders(roots, { ...folders, [key]: [...new Set([...(folders[key] ?? []), folder])] });
}

/** JSON leaves undefined members out. */
function withFolders(roots: Readonly<Record<string, string | undefined>>, folders: object): FolderSettings {
  const kept = JSON.parse(JSON.stringify(folders)) as object;
  return JSON.parse(JSON.stringify({ ...roots, folders: Object.keys(kept).length === 0 ? undefined : kept }));
}

async function existingFolder(given: string | undefined): Promise<string> {
  const path = resolve(given ?? "");
  const isFolder =
    given !== undefined &&
    (await stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    ));
  if (isFolder) return path;
  throw new FewstepError({
    code: "folder-not-found",
    message: "a folder is needed",
    found: given === undefined ? "none" : path,
    expected: "a folder that exists, or --remove",
  });
}

function describe({ path, folders }: { path: string; folders: ReturnType<typeof modelFolders> }): string {
  const lines = ROLES.map((role) => `  ${role}: ${folders[role].length === 0 ? "none" : folders[role].join(", ")}`);
  return [`settings: ${path}`, "models are found by name in", ...lines].join("\n");
}
