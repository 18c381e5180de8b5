// SHA-256 of model files in the background: from the cache, else by a child process of low priority that ends with its last file.
// What other tools print are the first digits: a checkpoint's AutoV2 is 10 of the file's, a LoRA's AutoV3 (A1111) 12 of its tensors'.
import { type ChildProcess, fork } from "node:child_process";
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { FewstepError, interrupted } from "../errors.js";
import type { FileSource } from "../files/source.js";
import { openSafetensors } from "../weights/safetensors.js";
import { type FileStamp, HashCache, type HashedPart } from "./hash-cache.js";
import type { HashReply } from "./hash-child.js";

export class FileHasher {
  private child: ChildProcess | undefined;
  private readonly waiting = new Map<number, { resolve(sha256: string): void; reject(error: Error): void }>();
  private next = 1;

  /** `cachePath`: default hashes.json in the user's cache folder. */
  constructor(private readonly cachePath?: string) {}

  /** 64 hex digits. @throws FewstepError of kind `failed`: `hash-failed`; `interrupted` */
  async hash(source: FileSource, part: HashedPart, signal?: AbortSignal): Promise<string> {
    const path = source.path;
    if (path === undefined) throw failed(source.name, "it has no path");
    const stats = await stat(path).catch((cause: Error) => {
      throw failed(source.name, cause.message);
    });
    const stamp: FileStamp = { path, bytes: stats.size, changed: stats.mtimeMs };
    const cache = await HashCache.open(this.cachePath);
    const known = cache.get(stamp, part);
    if (known !== undefined) return known;
    const from = part === "file" ? 0 : (await openSafetensors(source, signal)).headerBytes;
    const sha256 = await this.ask(path, from, signal);
    await cache.add(stamp, part, sha256);
    return sha256;
  }

  /** Ends the child; what is being hashed is rejected as interrupted. */
  dispose(): void {
    this.end(interrupted());
  }

  private async ask(path: string, from: number, signal?: AbortSignal): Promise<string> {
    if (signal?.aborted) throw interrupted();
    const id = this.next++;
    const stop = () => this.end(interrupted());
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await new Promise<string>((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        this.start().send({ id, path, from });
      });
    } finally {
      signal?.removeEventListener("abort", stop);
      if (this.waiting.size === 0) this.end(interrupted());
    }
  }

  private start(): ChildProcess {
    if (this.child !== undefined) return this.child;
    // by the package, not by this file: also when that runs from its TypeScript source
    const root = dirname(createRequire(import.meta.url).resolve("@fewstep/core/package.json"));
    const entry = join(root, "dist", "platform-node", "hash-child.js");
    const child = fork(entry, [], { execArgv: [], stdio: ["ignore", "ignore", "ignore", "ipc"] });
    child.on("message", (reply: HashReply) => {
      const waiting = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if ("sha256" in reply) waiting?.resolve(reply.sha256);
      else waiting?.reject(failed("a file", reply.problem));
    });
    child.on("exit", () => this.end(failed("a file", "the hashing process ended")));
    child.on("error", () => this.end(failed("a file", "the hashing process did not start")));
    this.child = child;
    return child;
  }

  private end(reason: FewstepError): void {
    this.child?.removeAllListeners("exit");
    this.child?.kill("SIGKILL");
    this.child = undefined;
    for (const { reject } of this.waiting.values()) reject(reason);
    this.waiting.clear();
  }
}

function failed(name: string, found: string): FewstepError {
  return new FewstepError({ code: "hash-failed", kind: "failed", message: `cannot hash ${name}`, found });
}
