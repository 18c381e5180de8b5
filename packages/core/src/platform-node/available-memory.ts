// How much memory this process may still take: what the machine has free, or what is left under the limit of its control group.
// File pages that can be dropped count as free. Linux tells both; other systems only what is free.
import { readFile } from "node:fs/promises";
import { freemem } from "node:os";

export interface AvailableMemory {
  readonly bytes: number;
  readonly source: "machine" | "control group";
}

type ReadText = (path: string) => Promise<string | undefined>;

const readText: ReadText = (path) => readFile(path, "utf8").catch(() => undefined);

/** `read` is a parameter for tests. */
export async function availableMemory(read: ReadText = readText): Promise<AvailableMemory> {
  const machine = memAvailable(await read("/proc/meminfo")) ?? freemem();
  const group = await groupLeft(read);
  return group !== undefined && group < machine
    ? { bytes: group, source: "control group" }
    : { bytes: machine, source: "machine" };
}

function memAvailable(meminfo: string | undefined): number | undefined {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo ?? "")?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** The least that is left in the process's group or any above it. */
async function groupLeft(read: ReadText): Promise<number | undefined> {
  const groups = (await read("/proc/self/cgroup")) ?? "";
  const unified = /^0::(\/.*)$/m.exec(groups)?.[1];
  const legacy = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(groups)?.[1];
  const left: number[] = [];
  for (const [mount, path, names] of [
    ["/sys/fs/cgroup", unified, UNIFIED],
    ["/sys/fs/cgroup/memory", legacy, LEGACY],
  ] as const) {
    if (path === undefined) continue;
    for (const folder of upwards(mount, path)) {
      const bytes = await leftIn(read, folder, names);
      if (bytes !== undefined) left.push(bytes);
    }
  }
  return left.length === 0 ? undefined : Math.max(0, Math.min(...left));
}

const UNIFIED = { limit: "memory.max", used: "memory.current", droppable: "inactive_file" } as const;
const LEGACY = {
  limit: "memory.limit_in_bytes",
  used: "memory.usage_in_bytes",
  droppable: "total_inactive_file",
} as const;

/** The group's folder and those above it: a container sees its own as the mount itself. */
function upwards(mount: string, path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return parts.map((_, i) => `${mount}/${parts.slice(0, parts.length - i).join("/")}`).concat(mount);
}

async function leftIn(
  read: ReadText,
  folder: string,
  names: typeof UNIFIED | typeof LEGACY,
): Promise<number | undefined> {
  const limit = Number(await read(`${folder}/${names.limit}`));
  const used = Number(await read(`${folder}/${names.used}`));
  // "max", an absent file, and version 1's largest page count all mean that there is no limit
  if (!Number.isSafeInteger(limit) || !Number.isFinite(used) || limit === 0) return undefined;
  const stat = (await read(`${folder}/memory.stat`)) ?? "";
  const droppable = new RegExp(`^${names.droppable} (\\d+)$`, "m").exec(stat)?.[1];
  return limit - used + Number(droppable ?? 0);
}
