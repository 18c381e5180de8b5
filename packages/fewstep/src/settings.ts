// The user's settings: where models lie, and what is saved for each. One JSON file, written by `fewstep config` and `fewstep defaults` or by
// hand, and read strictly.
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { FewstepError } from "@fewstep/core";
import { type FolderSettings, type ModelRole, makeFolder, userFolder, writeFileAtomically } from "@fewstep/core/node";

export type { FolderSettings };

export interface Settings extends FolderSettings {
  /** By the name of the model's file: options and their values, as text. */
  readonly models?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const ROOTS = ["comfyui", "a1111"] as const;
export const ROLES: readonly ModelRole[] = ["checkpoint", "lora", "vae", "unet", "taesd", "embedding"];
/** A settings file is some hundred bytes. */
const MAX_SETTINGS_BYTES = 1_000_000;

export function settingsPath(): string {
  return join(userFolder("config"), "config.json");
}

/** No file: no settings. @throws FewstepError `bad-settings` */
export async function readSettings(path: string = settingsPath()): Promise<Settings> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "{}";
    throw bad(path, error.message);
  });
  if (text.length > MAX_SETTINGS_BYTES) throw bad(path, `${text.length} characters`);
  return checked(path, parsed(path, text));
}

export async function writeSettings(settings: Settings, path: string = settingsPath()): Promise<void> {
  await makeFolder(dirname(path));
  const text = `${JSON.stringify(settings, undefined, 2)}\n`;
  await writeFileAtomically(path, new TextEncoder().encode(text), { replace: true });
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw bad(path, (cause as Error).message);
  }
}

function checked(path: string, json: unknown): Settings {
  const settings = objectOf(path, json, "the settings");
  const folders = settings.get("folders");
  const lists = folders === undefined ? new Map<string, unknown>() : objectOf(path, folders, "folders");
  for (const key of settings.keys()) {
    if (key !== "folders" && key !== "models" && !ROOTS.some((root) => root === key))
      throw bad(path, `an unknown setting ${JSON.stringify(key)}`);
  }
  for (const key of lists.keys()) {
    if (!ROLES.some((role) => role === key)) throw bad(path, `an unknown kind of folder ${JSON.stringify(key)}`);
  }
  const roots = ROOTS.flatMap((root) => (settings.has(root) ? [[root, folder(path, settings.get(root))]] : []));
  const own = ROLES.flatMap((role) => (lists.has(role) ? [[role, folderList(path, lists.get(role))]] : []));
  const models = settings.get("models");
  return {
    ...Object.fromEntries(roots),
    ...(own.length === 0 ? {} : { folders: Object.fromEntries(own) }),
    ...(models === undefined ? {} : { models: savedModels(path, models) }),
  };
}

function savedModels(path: string, json: unknown): NonNullable<Settings["models"]> {
  const models = [...objectOf(path, json, "models")].map(([name, value]) => {
    const options = [...objectOf(path, value, `the options of ${JSON.stringify(name.slice(0, 80))}`)];
    const wrong = options.find(([, text]) => typeof text !== "string");
    if (wrong !== undefined) throw bad(path, `a value of ${wrong[0]} that is no text`);
    return [name, Object.fromEntries(options) as Record<string, string>] as const;
  });
  return Object.fromEntries(models);
}

function objectOf(path: string, value: unknown, what: string): ReadonlyMap<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return new Map(Object.entries(value));
  throw bad(path, `${what} are no object`);
}

function folderList(path: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map((one) => folder(path, one));
  throw bad(path, "folders that are no list");
}

function folder(path: string, value: unknown): string {
  if (typeof value === "string" && isAbsolute(value) && !value.includes("\0")) return value;
  throw bad(path, `${JSON.stringify(value)?.slice(0, 80)} for a folder`);
}

function bad(path: string, found: string): FewstepError {
  return new FewstepError({
    code: "bad-settings",
    message: "the settings file cannot be used",
    found: `${path}: ${found}`,
    expected: '{"comfyui": "/absolute/folder", "a1111": "/absolute/folder", "folders": {"lora": ["/absolute/folder"]}}',
    hint: "correct it by hand, or delete it and use `fewstep config`",
  });
}
