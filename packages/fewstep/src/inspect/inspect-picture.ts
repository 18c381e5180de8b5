// What a picture says of how it was made, by whatever tool.
import { type PictureSettings, readMetadata } from "@fewstep/core";

export interface PictureInspection {
  /** Undefined: nothing in the file says it. */
  readonly tool?: string;
  readonly settings?: PictureSettings;
  /** What is damaged in it, a line each. */
  readonly faults: readonly string[];
}

export async function inspectPicture(bytes: Uint8Array, signal: AbortSignal): Promise<PictureInspection> {
  const { reading, faults } = await readMetadata(Uint8Array.from(bytes), { signal });
  return {
    ...(reading && { tool: reading.tool, settings: reading.settings }),
    faults: faults.map((fault) => fault.message),
  };
}
