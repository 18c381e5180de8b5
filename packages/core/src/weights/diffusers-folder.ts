// A model folder in the diffusers layout: model_index.json, and a subfolder for each component with its config and weights.
// Finds and opens; what the components mean is for families.
import { FewstepError } from "../errors.js";
import { checkPath, type Folder, openListed } from "../files/folder.js";
import type { JsonObject } from "../files/json-scanner.js";
import { readJsonObject } from "../files/read-json.js";
import { showName } from "../files/show-name.js";
import { openSafetensors } from "./safetensors.js";
import { openShards } from "./shards.js";
import type { Weights } from "./weights.js";

export interface ModelIndex {
  /** The pipeline's class, such as `StableDiffusionXLPipeline`. */
  readonly className: string;
  /** Component (and folder) name -> the library and class it was saved from. Components saved as null are left out. */
  readonly components: ReadonlyMap<string, { readonly library: string; readonly className: string }>;
  /** The other members, such as `force_zeros_for_empty_prompt`. */
  readonly settings: JsonObject;
}

export interface Component {
  readonly config: JsonObject;
  readonly weights: Weights;
  /** Paths of the weight files used. */
  readonly paths: readonly string[];
}

export interface ComponentOptions {
  /** Which precision to take where several lie side by side, such as `fp16`. Default: the plain file, else the only variant there is. */
  readonly variant?: string;
  readonly signal?: AbortSignal;
}

const INDEX_FILE = "model_index.json";

/** Reads model_index.json. Throws `file-missing`, `bad-json`, `bad-model-index` or `unsafe-path`. */
export async function readModelIndex(folder: Folder, signal?: AbortSignal): Promise<ModelIndex> {
  const index = await readJsonObject(await openListed(folder, INDEX_FILE, signal), signal);
  const className = index._class_name;
  if (typeof className !== "string") {
    throw new FewstepError({
      code: "bad-model-index",
      message: `${INDEX_FILE} names no pipeline`,
      expected: "_class_name",
    });
  }
  const components = new Map<string, { library: string; className: string }>();
  const settings: Record<string, JsonObject[string]> = Object.create(null);
  for (const [name, value] of Object.entries(index)) {
    if (!Array.isArray(value)) settings[name] = value;
    else if (typeof value[0] === "string" && typeof value[1] === "string") {
      components.set(checkPath(name), { library: value[0], className: value[1] });
    }
  }
  return { className, components, settings };
}

/** [path, variant] of a weight file or of the index of a sharded one, in the spellings of diffusers and transformers. */
function weightFile(path: string, directory: string): { readonly path: string; readonly variant: string } | undefined {
  const found = /^(?:diffusion_pytorch_model|model)(?:\.([\w-]+))?\.safetensors(?:\.index(?:\.([\w-]+))?\.json)?$/.exec(
    path.slice(directory.length),
  );
  const variant = found?.[1] ?? found?.[2] ?? "";
  return found === null || /-\d+-of-\d+$/.test(variant) ? undefined : { path, variant };
}

/**
 * Opens the component in subfolder `name` ("" for the folder itself): config.json and the weights, in one file or in shards.
 * Throws `no-weights`, `ambiguous-variant`, and the codes of openShards and openSafetensors.
 */
export async function openComponent(folder: Folder, name: string, options: ComponentOptions = {}): Promise<Component> {
  const { signal } = options;
  const directory = name === "" ? "" : `${checkPath(name)}/`;
  const listed = (await folder.list(signal)).filter((path) => path.startsWith(directory));
  const path = chooseWeights(folder, listed, directory, options.variant);
  const config = await readJsonObject(await openListed(folder, `${directory}config.json`, signal), signal);
  if (path.endsWith(".json")) return { config, ...(await openShards(folder, path, signal)) };
  const { weights } = await openSafetensors(await openListed(folder, path, signal), signal);
  return { config, weights, paths: [path] };
}

function chooseWeights(folder: Folder, listed: readonly string[], directory: string, variant: string | undefined) {
  const files = listed.flatMap((path) => weightFile(path, directory) ?? []);
  const wanted = files.filter((file) => file.variant === (variant ?? ""));
  const usable = wanted.length === 0 && variant === undefined ? files : wanted;
  const [only] = usable;
  if (usable.length === 1 && only !== undefined) return only.path;
  const where = directory === "" ? folder.name : `${folder.name}/${directory.slice(0, -1)}`;
  const seen = listed.filter((path) => /\.(?:safetensors|bin|pt|ckpt|msgpack|h5|onnx|gguf)(?:\.index.*)?$/.test(path));
  const pickles = seen.length > 0 && files.length === 0;
  throw new FewstepError({
    code: usable.length === 0 ? "no-weights" : "ambiguous-variant",
    message: usable.length === 0 ? `${where} holds no weights to use` : `${where} holds more than one set of weights`,
    found: seen.length === 0 ? "no weight file" : seen.slice(0, 8).map(showName).join(", "),
    expected: `diffusion_pytorch_model${variant === undefined ? "" : `.${variant}`}.safetensors or model.safetensors`,
    hint: pickles
      ? "other formats are not read: download the .safetensors files of the same model"
      : "name the variant wanted, such as fp16, or leave one set of files in the folder",
  });
}
