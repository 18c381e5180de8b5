// Most memory a process held since the last question: Linux' VmHWM, mapped files included, which the process's own user may set back
// (proc(5), clear_refs). Other systems do not say.
import { readFile, writeFile } from "node:fs/promises";

/** Bytes, or undefined where the system does not say. */
export async function peakMemory(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** From now on the peak is counted anew. */
export async function resetPeakMemory(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5").catch(() => undefined);
}
