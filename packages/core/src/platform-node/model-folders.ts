// Model files by name in folders that a user keeps anyway: those of ComfyUI and A1111 (and Forge), or any other. A name is never a path:
// what climbs, is absolute or hides is unknown like any other name that is not there.
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { FewstepError, interrupted } from "../errors.js";
import { showName } from "../files/show-name.js";
import { nearest } from "../sampling/nearest-words.js";

export type ModelRole = "checkpoint" | "lora" | "vae" | "unet" | "taesd" | "embedding";

/** Folders by what their files are for; earlier ones win where a name is in several. */
export type ModelFolders = Readonly<Record<ModelRole, readonly string[]>>;

/** Roots of installations, and folders of the user's own. */
export interface FolderSettings {
  readonly comfyui?: string;
  readonly a1111?: string;
  readonly folders?: Partial<ModelFolders>;
}

export interface NamedModel {
  /** The path below its folder without the ending, "/" between: `style/ink`. */
  readonly name: string;
  readonly path: string;
}

/** Where ComfyUI (folder_paths.py) and A1111 (modules/paths.py, sd_models.py, the Lora extension) keep what. */
const LAYOUTS: Readonly<Record<"comfyui" | "a1111", ModelFolders>> = {
  comfyui: {
    checkpoint: ["models/checkpoints"],
    lora: ["models/loras"],
    vae: ["models/vae"],
    unet: ["models/diffusion_models", "models/unet"],
    taesd: ["models/vae_approx"],
    embedding: ["models/embeddings"],
  },
  a1111: {
    checkpoint: ["models/Stable-diffusion"],
    lora: ["models/Lora", "models/LyCORIS"],
    vae: ["models/VAE"],
    unet: ["models/unet"],
    taesd: ["models/VAE-approx", "models/VAE-taesd"],
    embedding: ["embeddings"],
  },
};
const ROLES: readonly ModelRole[] = ["checkpoint", "lora", "vae", "unet", "taesd", "embedding"];

const ENDING = ".safetensors";
/** What PyTorch saves; such files can run code when they are opened, so they are spoken of and never read. */
const PICKLE_ENDINGS = [".pt", ".pth", ".bin", ".ckpt"] as const;
/** Collections reach some thousand files, four levels deep; refuses a disk's root given as a folder. */
const MAX_FILES = 20_000;
const MAX_DEPTH = 6;
/** Longer ones are nobody's file name (255 bytes on most file systems, in a few folders). */
const MAX_NAME = 500;

/** The user's own folders first, then ComfyUI's, then A1111's. */
export function modelFolders({ comfyui, a1111, folders }: FolderSettings): ModelFolders {
  const roots = [
    ["comfyui", comfyui],
    ["a1111", a1111],
  ] as const;
  const all = ROLES.map((role) => [
    role,
    [
      ...(folders?.[role] ?? []),
      ...roots.flatMap(([tool, root]) =>
        root === undefined ? [] : LAYOUTS[tool][role].map((path) => join(root, path)),
      ),
    ],
  ]);
  return Object.fromEntries(all) as ModelFolders;
}

/** All models of a role, sorted by name. Folders that are not there are empty. Links out of a folder are the user's own and followed. */
export function listModels(
  folders: ModelFolders,
  role: ModelRole,
  signal?: AbortSignal,
): Promise<readonly NamedModel[]> {
  return listFiles(folders, role, [ENDING], signal);
}

/** Files of a role that are no safetensors files by their names (`.pt`, `.pth`, `.bin`, `.ckpt`), for whoever means one of them. */
export function listPickles(
  folders: ModelFolders,
  role: ModelRole,
  signal?: AbortSignal,
): Promise<readonly NamedModel[]> {
  return listFiles(folders, role, PICKLE_ENDINGS, signal);
}

async function listFiles(
  folders: ModelFolders,
  role: ModelRole,
  endings: readonly string[],
  signal?: AbortSignal,
): Promise<readonly NamedModel[]> {
  const found = new Map<string, NamedModel>();
  let seen = 0;
  const walk = async (root: string, folder: string, depth: number): Promise<void> => {
    if (signal?.aborted) throw interrupted();
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      seen += 1;
      if (entry.name.startsWith(".") || seen > MAX_FILES) continue;
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
      if (kind?.isDirectory() && depth < MAX_DEPTH) await walk(root, path, depth + 1);
      const ending = endings.find((one) => entry.name.toLowerCase().endsWith(one));
      if (!kind?.isFile() || ending === undefined) continue;
      const name = relative(root, path).slice(0, -ending.length).replaceAll(sep, "/");
      if (!found.has(name)) found.set(name, { name, path });
    }
  };
  for (const root of folders[role]) {
    const real = await realpath(root).catch(() => undefined);
    if (real !== undefined) await walk(real, real, 1);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The path of a model by its name: with or without folders before it and `.safetensors` behind it; case counts only where it must.
 * @throws FewstepError `unknown-model` with the nearest names, `ambiguous-model`, `model-is-pickle-file`
 */
export async function findModel(
  folders: ModelFolders,
  role: ModelRole,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  const models = await listModels(folders, role, signal);
  const wanted = plain(name);
  const tests: readonly ((model: NamedModel) => boolean)[] = [
    (model) => model.name === wanted,
    (model) => last(model.name) === wanted,
    (model) => model.name.toLowerCase() === wanted.toLowerCase(),
    (model) => last(model.name).toLowerCase() === wanted.toLowerCase(),
  ];
  for (const test of name.length > MAX_NAME ? [] : tests) {
    const fitting = models.filter(test);
    if (fitting.length === 1) return fitting[0]!.path;
    if (fitting.length > 1) throw ambiguous(role, name, fitting);
  }
  const pickle = (await listPickles(folders, role, signal)).find((file) =>
    [file.name, last(file.name)].some((one) => one.toLowerCase() === withoutPickle(wanted).toLowerCase()),
  );
  if (pickle !== undefined) throw pickleFound(role, pickle);
  throw unknownModel(role, name, models, folders[role].length);
}

const last = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

function withoutPickle(name: string): string {
  const ending = PICKLE_ENDINGS.find((one) => name.toLowerCase().endsWith(one));
  return ending === undefined ? name : name.slice(0, -ending.length);
}

/** For a name whose only file is of PyTorch's format. */
export function pickleFound(role: ModelRole, { name, path }: NamedModel): FewstepError {
  const file = basename(path);
  return new FewstepError({
    code: "model-is-pickle-file",
    message: `the ${role} ${showName(name)} is there as a pickle alone, which is not read`,
    found: showName(file),
    expected: showName(`${last(name)}.safetensors`),
    hint: "opening a pickle can run code: download the .safetensors file of the same model, or have it converted in a sandbox, and put it beside",
  });
}

const plain = (name: string): string => {
  const slashed = name.replaceAll("\\", "/");
  return slashed.toLowerCase().endsWith(ENDING) ? slashed.slice(0, -ENDING.length) : slashed;
};

function ambiguous(role: ModelRole, name: string, fitting: readonly NamedModel[]): FewstepError {
  return new FewstepError({
    code: "ambiguous-model",
    message: `several files are the ${role} of this name`,
    found: fitting
      .slice(0, 5)
      .map((model) => showName(model.name))
      .join(", "),
    expected: `one file for ${showName(name)}`,
    hint: "write its folder before the name",
  });
}

function unknownModel(role: ModelRole, name: string, models: readonly NamedModel[], folders: number): FewstepError {
  const names = models.map((model) => model.name);
  const near = name.length > MAX_NAME ? [] : nearest(plain(name), names, (text) => text.toLowerCase());
  const known = near.length > 0 ? near : names.slice(0, 5);
  return new FewstepError({
    code: "unknown-model",
    message: `no ${role} has this name`,
    found: `${showName(name)}; ${models.length} known in ${folders} ${folders === 1 ? "folder" : "folders"}`,
    ...(known.length === 0 ? {} : { expected: known.map(showName).join(", ") }),
    hint:
      folders === 0
        ? "give the path of a file, or name your ComfyUI or A1111 folder: fewstep config comfyui FOLDER"
        : "give the path of a file, or one of the names",
  });
}
