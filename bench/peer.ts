// A Python peer that makes one timed call for each line it is sent, or one whole job.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const peers = fileURLToPath(new URL("../peers/", import.meta.url));
const python = `${peers}.venv/bin/python`;

export const peersInstalled = (): boolean => existsSync(python);

function start(args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(python, [`${peers}diffusers_peer.py`, ...args], { stdio: ["pipe", "pipe", "ignore"] });
}

export class Peer {
  private constructor(
    private readonly child: ReturnType<typeof start>,
    private readonly lines: AsyncIterableIterator<string>,
  ) {}

  /** Resolves once the peer has loaded and warmed up. */
  static async start(
    model: string,
    golden: string,
    what: "unet" | "vae",
    precision: "f32" | "bf16",
    threads: number,
  ): Promise<Peer> {
    const child = start([model, golden, what, precision, String(threads)]);
    const reader: Interface = createInterface(child.stdout);
    const peer = new Peer(child, reader[Symbol.asyncIterator]());
    await peer.line();
    return peer;
  }

  /** Seconds of one call. */
  async call(): Promise<number> {
    this.child.stdin.write("\n");
    return Number(await this.line());
  }

  stop(): void {
    this.child.kill();
  }

  private async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error("the peer ended: run bench/peers/setup.sh, or diffusers_peer.py by hand to see why");
    return value;
  }
}

/** Arguments of the command that does the whole job in a cold process. */
export const wholeJob = (
  model: string,
  golden: string,
  precision: "f32" | "bf16",
  threads: number,
): readonly string[] => [python, `${peers}diffusers_peer.py`, model, golden, "run", precision, String(threads)];
