// Runs the built command as a user does: a process of its own, in a folder of its own, with settings and caches of its own.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const BIN = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

export interface CommandResult {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly stdin?: string | Uint8Array;
  /** Called with all of stderr so far, to act at a milestone. */
  readonly onStderr?: (text: string, pid: number) => void;
  readonly onStart?: (pid: number) => void;
}

export class CommandFolder {
  readonly path = mkdtempSync(join(tmpdir(), "fewstep-command-"));
  private readonly home = mkdtempSync(join(tmpdir(), "fewstep-home-"));

  constructor() {
    if (!existsSync(BIN)) throw new Error(`${BIN} is missing: run \`npm run build\` before this test`);
    mkdirSync(join(this.home, "cache"));
  }

  run(args: readonly string[], { stdin, onStderr, onStart }: CommandOptions = {}): Promise<CommandResult> {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: this.path,
      env: { ...process.env, XDG_CONFIG_HOME: join(this.home, "config"), XDG_CACHE_HOME: join(this.home, "cache") },
    });
    onStart?.(child.pid!);
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      onStderr?.(stderr, child.pid!);
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin ?? "");
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code: code ?? signal ?? "", stdout, stderr }));
    });
  }

  files(): readonly string[] {
    return readdirSync(this.path).sort();
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    rmSync(this.home, { recursive: true, force: true });
  }
}
