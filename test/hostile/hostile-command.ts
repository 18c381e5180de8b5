// Runs the built command on hostile input: against the clock, in a folder of its own, and with the memory of all its processes recorded.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../packages/fewstep/dist/cli.js", import.meta.url));

/** Far more than any refusal takes, for machines that are busy; what hangs, hangs longer. */
const LIMIT_MS = 60_000;

/** Each process says at its end how much memory it ever held, in KiB. */
const REPORT_PEAK = `data:text/javascript,${encodeURIComponent(`
  const report = () => {
    process.getBuiltinModule("node:fs").writeSync(2, "peak " + process.resourceUsage().maxRSS + "\\n");
  };
  process.on("exit", report);
`)}`;

export interface CommandEnd {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
  /** The largest process, in bytes. */
  readonly peakBytes: number;
  /** What lies in the folder that the command ran in, which was empty. */
  readonly written: readonly string[];
  /** What it left in its folder for temporary files. */
  readonly temporary: readonly string[];
}

/** What --json prints of an error. */
export interface PrintedError {
  readonly code: string;
  readonly kind: string;
  readonly message: string;
  readonly found?: string;
  readonly expected?: string;
  readonly hint?: string;
}

export class HostileFolder {
  readonly path = mkdtempSync(join(tmpdir(), "fewstep-hostile-"));
  private runs = 0;

  run(args: readonly string[], onStderr: (text: string, pid: number) => void = () => {}): Promise<CommandEnd> {
    const cwd = join(this.path, `run-${this.runs++}`);
    const temporary = join(this.path, `temporary-${this.runs}`);
    mkdirSync(cwd);
    mkdirSync(temporary);
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
      env: {
        ...process.env,
        NODE_OPTIONS: `--import=${REPORT_PEAK}`,
        TMPDIR: temporary,
        XDG_CONFIG_HOME: join(this.path, "config"),
        XDG_CACHE_HOME: join(this.path, "cache"),
      },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      onStderr(stderr, child.pid!);
    });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        const peaks = [...stderr.matchAll(/^peak (\d+)$/gm)].map(([, kib]) => Number(kib) * 1024);
        resolve({
          code: code ?? signal ?? "",
          stdout,
          stderr,
          peakBytes: Math.max(0, ...peaks),
          written: readdirSync(cwd).sort(),
          temporary: readdirSync(temporary),
        });
      });
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The error that --json printed as the last line. */
export function printedError({ stdout }: CommandEnd): PrintedError {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return (JSON.parse(line) as { readonly error: PrintedError }).error;
}
