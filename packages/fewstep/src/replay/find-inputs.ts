// The files that a picture was made with: by the options, else by their names in the user's folders; and whether they are the same ones, by
// the hashes that the picture gives.
import { basename } from "node:path";
import { FewstepError, type PictureSettings } from "@fewstep/core";
import { FileHasher, findModel, type ModelFolders, type ModelRole, openFile } from "@fewstep/core/node";
import type { EmbeddingOption } from "../run/embedding-option.js";
import { findFile } from "../run/find-file.js";
import type { LoraOption } from "../run/lora-option.js";

export interface ReplayFiles {
  readonly model?: string;
  readonly unet?: string;
  readonly vae?: string;
  readonly taesd?: string;
  readonly init?: string;
  readonly mask?: string;
  readonly lora: readonly LoraOption[];
  readonly embedding: readonly EmbeddingOption[];
}

/** A file of the run, and whether it is the one that the picture names. */
export interface InputCheck {
  readonly role: "model" | "lora" | "vae" | "unet" | "taesd" | "embedding" | "init" | "mask";
  readonly name: string;
  readonly path: string;
  /** `unsaid`: the picture gives no hash of a kind that is computed here. */
  readonly state: "same" | "other" | "unsaid";
  readonly recorded?: string;
  readonly found?: string;
}

export interface FoundInputs {
  readonly files: ReplayFiles & { readonly model: string };
  readonly checks: readonly InputCheck[];
}

const ROLES = ["unet", "taesd", "init", "mask"] as const;
/** Prefixes of SHA-256 as tools write them; BLAKE3 and the old 8 digits of A1111 are other hashes. */
const SHA256 = /^(?:0x)?([0-9a-f]{10,64})$/i;

const key = (name: string): string =>
  basename(name.replaceAll("\\", "/"))
    .replace(/\.safetensors$/i, "")
    .toLowerCase();

/** @throws FewstepError `replay-file-missing`, and the codes of findFile and FileHasher */
export async function findInputs(
  settings: PictureSettings,
  given: ReplayFiles,
  folders: ModelFolders,
  signal: AbortSignal,
): Promise<FoundInputs> {
  const hasher = new FileHasher();
  const checks: InputCheck[] = [];
  const check = async (role: InputCheck["role"], name: string, path: string, recorded: string | undefined) => {
    checks.push({ role, name, path, ...(await compared(path, recorded, hasher, signal)) });
    return path;
  };
  try {
    const model = await named("checkpoint", "--model", settings.model, given.model, folders, signal);
    await check("model", settings.model ?? key(model), model, settings.modelHash ?? hashOf(settings, settings.model));
    const isReplaced = given.vae !== undefined || !isOwnVae(settings.vae);
    const vaePath = isReplaced ? await named("vae", "--vae", settings.vae, given.vae, folders, signal) : undefined;
    if (vaePath !== undefined) await check("vae", settings.vae ?? key(vaePath), vaePath, settings.vaeHash);
    const beside: Record<string, string> = {};
    for (const role of ROLES) {
      const entry = settings.hashes?.find(({ name }) => name.startsWith(`${role}:`));
      const name = entry?.name.slice(role.length + 1);
      if (name === undefined && given[role] === undefined) continue;
      beside[role] = await besideFile(role, name, given[role], folders, signal);
      await check(role, name ?? key(beside[role]), beside[role], entry?.hash);
    }
    const lora: LoraOption[] = [];
    for (const { name, strength, strengthClip, strengthSteps, hash } of settings.loras ?? []) {
      const mine = given.lora.find((one) => key(one.file) === key(name));
      const path = await named("lora", "--lora", name, mine?.file, folders, signal);
      await check("lora", name, path, hash ?? hashOf(settings, name));
      lora.push({
        file: path,
        strengthUnet: strength,
        ...(strengthClip === undefined ? {} : { strengthText: strengthClip }),
        ...(strengthSteps && { strengthSteps }),
      });
    }
    const embedding: EmbeddingOption[] = [];
    for (const { name, file = name, hash, sha256 = hash } of settings.embeddings ?? []) {
      const isMeant = ({ name: called, file: path }: EmbeddingOption) =>
        called === undefined ? [key(name), key(file)].includes(key(path)) : key(called) === key(name);
      const path = await named("embedding", "--embedding", file, given.embedding.find(isMeant)?.file, folders, signal);
      await check("embedding", name, path, sha256);
      embedding.push({ file: path, name });
    }
    return { files: { model, ...(vaePath && { vae: vaePath }), ...beside, lora, embedding }, checks };
  } finally {
    hasher.dispose();
  }
}

/** Words of tools for the VAE of the model itself. */
function isOwnVae(vae: string | undefined): boolean {
  return vae === undefined || /^(?:automatic|none|default(?: \(model\))?)$/i.test(vae);
}

/** A name in a picture is a stranger's word: it is looked for in the user's folders and never taken for a path. */
async function named(
  role: ModelRole,
  option: string,
  name: string | undefined,
  given: string | undefined,
  folders: ModelFolders,
  signal: AbortSignal,
): Promise<string> {
  if (given === undefined && name === undefined) throw missing(option, "a file that the picture does not name");
  if (given !== undefined) return findFile(folders, role, given, signal);
  try {
    return await findModel(folders, role, name!, signal);
  } catch (cause) {
    if (!(cause instanceof FewstepError)) throw cause;
    const embedded = await embeddedFile(name!);
    if (embedded !== undefined) return embedded;
    throw missing(option, name!, cause);
  }
}

/** The small model that ships with fewstep, and its own LoRAs. */
async function embeddedFile(name: string): Promise<string | undefined> {
  const { TINY_ACCELERATORS, tinyLora, tinyModel } = await import("@fewstep/tiny/model");
  const files = [await tinyModel(), ...(await Promise.all(TINY_ACCELERATORS.map(tinyLora)))];
  return files.flatMap((file) => file?.path ?? []).find((path) => key(path) === key(name));
}

async function besideFile(
  role: (typeof ROLES)[number],
  name: string | undefined,
  given: string | undefined,
  folders: ModelFolders,
  signal: AbortSignal,
): Promise<string> {
  if (role === "unet" || role === "taesd") return named(role, `--${role}`, name, given, folders, signal);
  if (given !== undefined) return given;
  throw missing(`--${role}`, name ?? role);
}

function hashOf({ hashes }: PictureSettings, name: string | undefined): string | undefined {
  return name === undefined ? undefined : hashes?.find((one) => key(one.name) === key(name))?.hash;
}

/** Tools hash a LoRA's tensors or its file: either is as good. */
async function compared(
  path: string,
  recorded: string | undefined,
  hasher: FileHasher,
  signal: AbortSignal,
): Promise<Pick<InputCheck, "state" | "recorded" | "found">> {
  const digits = SHA256.exec(recorded ?? "")?.[1]?.toLowerCase();
  if (digits === undefined) return { state: "unsaid" };
  const source = await openFile(path).catch(() => undefined);
  // a diffusers folder has no one file to hash
  if (source === undefined) return { state: "unsaid" };
  const file = await hasher.hash(source, "file", signal);
  if (file.startsWith(digits)) return { state: "same", recorded: digits };
  const tensors = /\.safetensors$/i.test(path) ? await hasher.hash(source, "tensors", signal) : file;
  if (tensors.startsWith(digits)) return { state: "same", recorded: digits };
  return { state: "other", recorded: digits, found: file.slice(0, digits.length) };
}

function missing(option: string, name: string, cause?: FewstepError): FewstepError {
  return new FewstepError({
    code: "replay-file-missing",
    message: `${name.slice(0, 160)} is needed to make the picture again`,
    found: cause === undefined ? "no file" : cause.message.split("\n")[0]!,
    expected: `${option} FILE`,
    hint: "name the file, or the folder that it lies in: fewstep config",
    ...(cause === undefined ? {} : { cause }),
  });
}
