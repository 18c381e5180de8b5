// Bytes from anywhere: a file on disk, a browser File, an HTTP range reader, memory. Only what is sliced is read.

/** The part of Blob that is used: a browser's File satisfies it; Node's own file-backed Blob keeps only 32 bits of a size. */
export interface ByteRange {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export interface FileSource {
  /** What a user calls it: the file's name, without a folder. */
  readonly name: string;
  /** Absolute path where the platform has one, so that a runtime can map the file. */
  readonly path?: string;
  readonly blob: ByteRange;
}
