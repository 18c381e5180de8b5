// The hashes of a run's files, begun when the first step is done, so that the first step never waits for them.
import type { FileSource, UsedLora } from "@fewstep/core";
import { FileHasher, type HashedPart, openFile } from "@fewstep/core/node";
import type { RunEmbedding, RunFiles, RunLora } from "./open-run.js";
import type { NamedHash, UsedFiles } from "./picture-texts.js";

/** Digits that other tools show: AutoV2 of files, A1111's hash of a LoRA's tensors. */
const DIGITS: Readonly<Record<HashedPart, number>> = { file: 10, tensors: 12 };

const EMBEDDING_DIGITS = 12;
const ALL_DIGITS = 64;

/** Paths of what a run is made with beyond its networks. */
export interface BesideFiles {
  readonly taesd?: string;
  readonly init?: string;
  readonly mask?: string;
}

export class RunHashes {
  private readonly hasher = new FileHasher();
  private readonly known = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly signal: AbortSignal,
    private readonly note: (text: string) => void,
  ) {}

  /** Names and hashes of what a picture is made with. Starts what is not known yet. */
  async of(
    { checkpoint, unet, vae }: RunFiles,
    loras: readonly RunLora[],
    embeddings: readonly RunEmbedding[],
    beside: BesideFiles = {},
  ): Promise<UsedFiles> {
    // a folder has no one file to hash; a replaced part comes behind the model's own file
    const [main] = checkpoint.files;
    const single = checkpoint.files.length === 1 + (unet === undefined ? 0 : 1) + (vae === undefined ? 0 : 1);
    const modelHash = single && main !== undefined ? this.hash(main, "file") : undefined;
    const ownVae = await this.part(vae);
    const used = loras.map(async (lora): Promise<UsedLora> => {
      const { opened, strengthUnet = 1, strengthText = strengthUnet, strengthSteps, blocks } = lora;
      const hash = await this.hash(opened.source, "tensors");
      return {
        name: baseName(opened.source.name),
        strength: strengthUnet,
        ...(strengthText === strengthUnet ? {} : { strengthClip: strengthText }),
        ...(strengthSteps && { strengthSteps }),
        ...(blocks && { blocks: Object.entries(blocks).map(([block, factor]) => ({ block, factor })) }),
        ...(hash === undefined ? {} : { hash }),
      };
    });
    const inversions = embeddings.map(async ({ name, file, source }) => {
      const sha256 = await this.hash(source, "file", ALL_DIGITS);
      const hash = sha256?.slice(0, EMBEDDING_DIGITS) ?? "";
      return { name, hash, file, ...(sha256 === undefined ? {} : { sha256 }) };
    });
    const model = await modelHash;
    const others: NamedHash[] = [];
    for (const [role, path] of Object.entries({ unet, ...beside })) {
      const part = await this.part(path);
      if (part !== undefined) others.push({ name: `${role}:${part.name}`, hash: part.hash });
    }
    return {
      model: baseName(checkpoint.name),
      ...(model === undefined ? {} : { modelHash: model }),
      ...(ownVae && { vae: ownVae.name, vaeHash: ownVae.hash }),
      ...(others.length === 0 ? {} : { others }),
      loras: await Promise.all(used),
      ...(embeddings.length === 0 ? {} : { embeddings: await Promise.all(inversions) }),
    };
  }

  dispose(): void {
    this.hasher.dispose();
  }

  private async part(path: string | undefined): Promise<{ readonly name: string; readonly hash: string } | undefined> {
    if (path === undefined) return undefined;
    const source = await openFile(path);
    return { name: baseName(source.name), hash: (await this.hash(source, "file")) ?? "" };
  }

  /** A picture is worth more than its hashes: where they cannot be had it goes without, and says so. */
  private hash(source: FileSource, part: HashedPart, digits = DIGITS[part]): Promise<string | undefined> {
    const key = `${part}:${digits}:${source.path}`;
    const before = this.known.get(key);
    if (before !== undefined) return before;
    const hashing = this.hasher.hash(source, part, this.signal).then(
      (sha256) => sha256.slice(0, digits),
      (error: Error) => {
        if (!this.signal.aborted) this.note(`no hash of ${source.name}: ${error.message}`);
        return undefined;
      },
    );
    this.known.set(key, hashing);
    return hashing;
  }
}

function baseName(name: string): string {
  return name.replace(/\.safetensors$/i, "");
}
