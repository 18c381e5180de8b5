// Times a command as a whole process tree, with its peak memory: the sum of PSS (shared pages divided among their users) over the tree.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Measured {
  readonly seconds: number;
  /** 1 GB = 1e9 bytes; undefined where memory was not watched. */
  readonly peakGb: number | undefined;
  readonly code: number;
  /** Lines of standard error with the seconds at which they came. */
  readonly lines: readonly (readonly [seconds: number, line: string])[];
}

const SAMPLE_MS = 50;

function parents(): ReadonlyMap<number, number> {
  const map = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      map.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // it ended meanwhile
    }
  }
  return map;
}

function pssBytes(pid: number): number {
  try {
    return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Sum of PSS over a process and its descendants, in bytes. */
export function treePss(root: number): number {
  const tree = parents();
  const inTree = (pid: number): boolean =>
    pid === root || (tree.has(pid) && tree.get(pid) !== 0 && inTree(tree.get(pid)!));
  return [...tree.keys()].filter(inTree).reduce((sum, pid) => sum + pssBytes(pid), 0);
}

/** @param memory watch it, which takes most of a core: not in a run whose seconds count */
export function measure([program, ...args]: readonly string[], memory: boolean): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    const child = spawn(program!, args, { stdio: ["ignore", "ignore", "pipe"] });
    const lines: (readonly [number, string])[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split(/[\r\n]+/)) if (line.trim() !== "") lines.push([seconds(), line]);
    });
    let peak = 0;
    const watch = () => {
      peak = Math.max(peak, treePss(child.pid!));
    };
    const timer = memory ? setInterval(watch, SAMPLE_MS) : undefined;
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      resolve({ seconds: seconds(), peakGb: memory ? peak / 1e9 : undefined, code: code ?? 1, lines });
    });
  });
}

/** Seconds that this process and its ended children computed: what a busy machine does not change. Linux, at 100 ticks a second. */
export function cpuSeconds(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return (fields[11]! + fields[12]! + fields[13]! + fields[14]!) / 100;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
