// What a picture file says about how it was made, in one set of names for all tools. A field that is missing was not said.
// Names of samplers, schedules and models stay as the tool wrote them; nothing here can be run before names are matched.

/** A LoRA with the strength the user gave, never multiplied by alpha / rank. */
export type UsedLora = {
  readonly name: string;
  readonly strength: number;
  /** Strength on the text encoder, where the file gives one of its own. */
  readonly strengthClip?: number;
  /** A strength for each step; `strength` is then the strongest of them. Only fewstep writes it. */
  readonly strengthSteps?: readonly number[];
  /** Further factors of blocks. Only fewstep writes them. */
  readonly blocks?: readonly { readonly block: string; readonly factor: number }[];
  /** As written: A1111 uses the first 12 hex digits of the tensor-data SHA-256 (AutoV3). */
  readonly hash?: string;
};

export type NamedHash = { readonly name: string; readonly hash: string };

/** A textual inversion; `name` is what the prompt calls it, `hash` as A1111 writes it: the first 12 hex digits. */
export type UsedEmbedding = NamedHash & {
  /** The file below its folder, without the ending: no picture tells where on a disk that lies. Only fewstep writes it. */
  readonly file?: string;
  /** Of the file, all 64 hex digits. Only fewstep writes it. */
  readonly sha256?: string;
};

/** A second pass at a larger size. */
export type HiresPass = {
  readonly scale?: number;
  readonly width?: number;
  readonly height?: number;
  /** 0 means "as many as the first pass" in A1111. */
  readonly steps?: number;
  readonly upscaler?: string;
  readonly denoise?: number;
  readonly sampler?: string;
  readonly schedule?: string;
  readonly cfg?: number;
  readonly prompt?: string;
  readonly negative?: string;
};

export type CivitaiResource = {
  readonly type?: string;
  readonly weight?: number;
  readonly modelVersionId?: number;
  readonly modelName?: string;
  readonly modelVersionName?: string;
};

export type PictureSettings = {
  readonly prompt?: string;
  readonly negative?: string;
  readonly steps?: number;
  /** Guidance scale; 1 means no second run. */
  readonly cfg?: number;
  readonly cfgRescale?: number;
  readonly sampler?: string;
  /** The tool's name for its list of sigmas ("scheduler" in ComfyUI, "Schedule type" in A1111). */
  readonly schedule?: string;
  /** Decimal digits: seeds reach 2^64 - 1, which a number cannot hold. */
  readonly seed?: string;
  readonly width?: number;
  readonly height?: number;
  readonly denoise?: number;
  readonly model?: string;
  readonly modelHash?: string;
  readonly modelSampling?: string;
  readonly vae?: string;
  readonly vaeHash?: string;
  /** 1 is the last layer, as A1111 counts. */
  readonly clipSkip?: number;
  /** Where the noise was drawn, as A1111 names it: GPU, CPU, NV. */
  readonly rng?: string;
  /** A1111's "eta noise seed delta". */
  readonly seedDelta?: number;
  /** The seed that the start noise is turned towards, and how far (0 to 1). */
  readonly subseed?: string;
  readonly subseedStrength?: number;
  readonly loras?: readonly UsedLora[];
  readonly embeddings?: readonly UsedEmbedding[];
  readonly hashes?: readonly NamedHash[];
  readonly hires?: HiresPass;
  readonly emphasis?: string;
  readonly preset?: string;
  readonly styles?: readonly string[];
  readonly civitaiResources?: readonly CivitaiResource[];
  readonly version?: string;
};

/** The program whose form of metadata it is; `a1111` stands for Forge and all others that write its text. */
export type MetadataTool = "fewstep" | "a1111" | "comfyui" | "invokeai" | "fooocus" | "novelai" | "swarmui";

/** Every key and value as text, in file order. */
export type Pairs = readonly (readonly [key: string, value: string])[];

export type Reading = {
  readonly tool: MetadataTool;
  readonly settings: PictureSettings;
  readonly pairs: Pairs;
  /** The text the settings were read from, unchanged. */
  readonly raw: string;
};

/** `T` with undefined fields left out, as `exactOptionalPropertyTypes` wants them. */
export function said<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
