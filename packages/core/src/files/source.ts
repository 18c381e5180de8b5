// Bytes from anywhere: a file on disk, a browser File, an HTTP range reader, memory. Only what is sliced is read.

export interface FileSource {
  /** What a user calls it: the file's name, without a folder. */
  readonly name: string;
  /** Absolute path where the platform has one, so that a runtime can map the file. */
  readonly path?: string;
  readonly blob: Blob;
}
