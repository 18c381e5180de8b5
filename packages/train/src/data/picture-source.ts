// Where training pictures come from: a procedural illustrator, a folder, or memory.

export interface Picture {
  /** RGB, 8 bits, row by row from the top: width * height * 3 bytes. */
  readonly pixels: Uint8Array;
  readonly caption: string;
}

export interface PictureSource {
  readonly count: number;
  /** Pixels of every picture. */
  readonly width: number;
  readonly height: number;
  /** The same picture for the same index, always. */
  picture(index: number): Picture | Promise<Picture>;
}

/** Pictures whose captions and contents can be told apart without decoding them: what caches of latents are keyed by. */
export interface KeyedPictures extends PictureSource {
  caption(index: number): string;
  /** Differs where the pixels differ: a hash of the file, or of the drawing. */
  key(index: number): string | Promise<string>;
}

/** The pictures of `source` drawn once and kept, `progress` being told after each. */
export async function inMemory(source: PictureSource, progress?: (drawn: number) => void): Promise<PictureSource> {
  const pictures: Picture[] = [];
  for (let i = 0; i < source.count; i++) {
    pictures.push(await source.picture(i));
    progress?.(i + 1);
  }
  return { ...source, picture: (index) => pictures[index]! };
}
