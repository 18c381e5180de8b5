// The files of the fuzz test: EXIF blocks and PNG files with sound structure and unsound details. Test data, not shipped.

import { broken, comfyText, infoText, join, latin, type Random } from "./fuzz-text.test.fixture.js";
import { PNG_SIGNATURE, writeChunk } from "./png-chunks.js";

export function exifBlock(random: Random): Uint8Array<ArrayBuffer> {
  const little = random.below(2) === 0;
  const short = (n: number) => (little ? [n & 255, (n >> 8) & 255] : [(n >> 8) & 255, n & 255]);
  const long = (n: number) => (little ? [...short(n), ...short(n >>> 16)] : [...short(n >>> 16), ...short(n)]);
  const odd = () => random.pick([0, 1, 2, 8, 26, 40, 255, 0xffff, 0xffffffff]);
  const directory = () => {
    const tags = random.list(6, () => [
      ...short(random.pick([0x9286, 0x9286, 0x8769, 0x010f, 0x0110, 0x0112, 0x0131, 7])),
      ...short(random.pick([1, 2, 3, 4, 7, 7, 129, 12])),
      ...long(random.pick([0, 1, 8, 20, 60, odd()])),
      ...long(random.pick([8, 30, 60, 100, odd()])),
    ]);
    return [
      ...short(random.pick([tags.length, tags.length, tags.length, odd() & 0xffff])),
      ...tags.flat(),
      ...long(odd()),
    ];
  };
  const comment = random.pick(["UNICODE\0", "ASCII\0\0\0", "JIS\0\0\0\0\0", "\0\0\0\0\0\0\0\0"]) + infoText(random);
  const head = [
    ...latin(little ? "II" : "MM"),
    ...short(random.pick([42, 42, 42, 43])),
    ...long(random.pick([8, 8, 8, odd()])),
  ];
  return join(
    latin(random.pick(["", "Exif\0\0"])),
    Uint8Array.from([...head, ...directory(), ...directory()]),
    latin(comment),
  );
}

/** Colour type, channels, depths. */
const FORMS = [
  [0, 1, [1, 2, 4, 8, 16]],
  [2, 3, [8, 16]],
  [3, 1, [1, 2, 4, 8]],
  [4, 2, [8, 16]],
  [6, 4, [8, 16]],
] as const;

type Chunk = readonly [type: string, data: Uint8Array];

/** `deflate` makes zlib streams. */
export function pngFile(random: Random, deflate: (bytes: Uint8Array) => Uint8Array): Uint8Array<ArrayBuffer> {
  const side = () => random.pick([1, 2, 5, 8, 9, 16, 17, 17, 3, 0, 1000].slice(0, random.pick([9, 9, 9, 11])));
  const [width, height] = [side(), side()];
  const [type, channels, depths] = random.pick(FORMS);
  const depth = random.pick(depths);
  const header = (): Chunk => {
    const data = new Uint8Array(13);
    const view = new DataView(data.buffer);
    view.setUint32(0, width);
    view.setUint32(4, height);
    const sound = random.below(10) > 0;
    data.set([sound ? depth : random.below(17), type, 0, 0, random.pick([0, 0, 0, 1, sound ? 1 : 2])], 8);
    return ["IHDR", data];
  };
  const rowBytes = Math.ceil((width * channels * depth) / 8) + 1;
  const pixels = (): Chunk => {
    const rows = Math.min(height, 20) + random.pick([0, 0, 0, 0, 1, -1]);
    const raw = Uint8Array.from({ length: Math.max(0, rows * rowBytes) }, (_, i) =>
      i % rowBytes === 0 ? random.below(random.pick([5, 5, 5, 5, 5, 6])) : random.below(256),
    );
    return ["IDAT", deflate(raw)];
  };
  const keyword = () =>
    random.pick(["parameters", "prompt", "workflow", "Comment", "fewstep", "invokeai_metadata", "", "k".repeat(90)]);
  const body = () =>
    random.pick([
      () => latin(infoText(random)),
      () => latin(comfyText(random)),
      () => new Uint8Array(random.below(3) * 3000),
    ])();
  const flags = () => random.pick(["\x01\0", "\0\0", "\x02"]);
  const text = random.pick<() => Chunk>;
  const texts = (): Chunk =>
    text([
      () => ["tEXt", join(latin(`${keyword()}\0`), body())],
      () => ["zTXt", join(latin(`${keyword()}\0\0`), broken(deflate(body()), random))],
      () => ["iTXt", join(latin(`${keyword()}\0${flags()}en\0\0`), random.pick([body, () => deflate(body())])())],
      () => ["eXIf", exifBlock(random)],
    ])();
  const oddities = (): Chunk =>
    text([
      header,
      () => ["acTL", new Uint8Array(8)],
      () => ["IDAT", new Uint8Array(random.below(40))],
      () => ["ABCD", new Uint8Array(0)],
      () => ["tRNS", new Uint8Array(random.below(10))],
    ])();
  const palette: Chunk = [
    "PLTE",
    new Uint8Array(random.pick([2 ** Math.min(depth, 8), 1, 300, 0]) * 3 + random.pick([0, 0, 0, 1])),
  ];
  const transparent: Chunk = ["tRNS", new Uint8Array(type === 3 ? random.below(3) : channels * 2)];
  const chunks: readonly Chunk[] = [
    header(),
    ...(type === 3 || random.below(20) === 0 ? [palette] : []),
    ...(random.below(4) === 0 ? [transparent] : []),
    ...random.list(2, texts),
    ...(random.below(10) === 0 ? [oddities()] : []),
    pixels(),
    ...random.list(2, texts),
    ["IEND", new Uint8Array(0)],
  ];
  const file = join(
    Uint8Array.from(PNG_SIGNATURE),
    ...chunks.map(([name, data]) => {
      const bytes = writeChunk(name, data);
      if (random.below(40) === 0) bytes[random.pick([0, 3, 4, bytes.length - 1])] = random.below(256);
      return bytes;
    }),
  );
  return random.below(8) === 0 ? broken(file, random) : file;
}
