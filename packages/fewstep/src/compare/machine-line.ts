// What computed, in a line: the processor's name, and how much of it.
import { cpus } from "node:os";

export function machineLine({ device, threads }: { readonly device: string; readonly threads: number }): string {
  const name = device === "cpu" ? (cpus()[0]?.model.trim() ?? "CPU") : device;
  return `${name}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}
