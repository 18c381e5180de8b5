// --embedding [NAME=]FILE: a textual inversion, under a name of its own or the file's.

export interface EmbeddingOption {
  /** A path, or a name in the user's folders. */
  readonly file: string;
  readonly name?: string;
}

/** A name is a word: what has a separator before its "=" is a path. */
export function parseEmbedding(text: string): EmbeddingOption {
  const [, name, file] = /^([^=/\\.]+)=(.+)$/.exec(text) ?? [];
  return name === undefined ? { file: text } : { name, file: file! };
}
