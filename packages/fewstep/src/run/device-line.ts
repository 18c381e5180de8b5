// What computes, and how far that is known to work.

export type DeviceName = "cpu" | "webgpu" | "cuda" | "dml";

const KNOWN: Readonly<Record<DeviceName, string>> = {
  cpu: "",
  webgpu: "; tested only with a software adapter: look at the first picture",
  cuda: "; not tested: look at the first picture",
  dml: "; not tested: look at the first picture",
};

/** `device` as the runtime really chose it. */
export function deviceLine({ device, threads }: { readonly device: DeviceName; readonly threads: number }): string {
  return `computing on ${device}, ${threads} ${threads === 1 ? "thread" : "threads"}${KNOWN[device]}`;
}
