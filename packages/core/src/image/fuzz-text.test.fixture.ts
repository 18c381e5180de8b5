// Seeded randomness, byte damage, and the texts of the fuzz test: generation texts and ComfyUI graphs. Test data, not shipped.

/** sfc32: small, fast, passes the usual tests of randomness. */
export function randomOf(seed: number) {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88, 1];
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const below = (n: number): number => next() % n;
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const list = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make);
  return { below, pick, list };
}
export type Random = ReturnType<typeof randomOf>;

export const latin = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0) & 255);
export const join = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** Flips, inserts, removes, repeats, cuts: up to four times. */
export function broken(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let result = Uint8Array.from(bytes);
  for (let i = random.below(5); i > 0; i--) {
    const at = random.below(result.length + 1);
    const [head, tail] = [result.subarray(0, at), result.subarray(at)];
    result = random.pick([
      () => join(head, Uint8Array.of(random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])), tail.subarray(1)),
      () => join(head, Uint8Array.from(random.list(8, () => random.below(256))), tail),
      () => join(head, tail.subarray(random.below(16))),
      () => join(head, tail.subarray(0, 32), tail),
      () => join(head),
    ])();
  }
  return result;
}

const WORDS = [
  "Steps: 4",
  "Sampler: LCM",
  "Size: 512x512",
  "Seed: 18446744073709551615",
  "Negative prompt:",
  "<lora:a:0.5>",
  "<lora:",
  ":",
  ",",
  "\n",
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  '{"a": 1}',
  "Hashes: ",
  "Lora hashes: ",
  'Model: "x, y"',
  "Civitai resources: [",
  "nan",
  "☂",
  "😺",
  "\ud800",
  "__proto__",
  " ",
  "a",
  "Hires steps: 2",
  "Clip skip: ",
  "1e999",
  "\0",
  "parameters",
  'TI hashes: "a: b"',
] as const;

export const infoText = (random: Random): string =>
  random.list(40, () => random.pick(WORDS) + random.pick(["", " ", ", ", "\n"])).join("");

const NODE_TYPES = [
  "KSampler",
  "KSamplerAdvanced",
  "SamplerCustom",
  "CLIPTextEncode",
  "LoraLoader",
  "CheckpointLoaderSimple",
  "Reroute",
  "SaveImage",
  "x",
] as const;
const INPUTS = [
  "model",
  "clip",
  "positive",
  "negative",
  "latent_image",
  "samples",
  "images",
  "text",
  "steps",
  "seed",
  "vae",
  "sigmas",
  "guider",
  "width",
  "lora_name",
  "strength_model",
  "ckpt_name",
  "conditioning",
] as const;

const GRAPH = {
  "0": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "m" } },
  "1": { class_type: "LoraLoader", inputs: { lora_name: "l", strength_model: 1, model: ["0", 0], clip: ["0", 1] } },
  "2": { class_type: "CLIPTextEncode", inputs: { text: "yes", clip: ["1", 1] } },
  "3": { class_type: "CLIPTextEncode", inputs: { text: "no", clip: ["1", 1] } },
  "4": { class_type: "EmptyLatentImage", inputs: { width: 8, height: 8 } },
  "5": {
    class_type: "KSampler",
    inputs: { seed: 1, steps: 4, model: ["1", 0], positive: ["2", 0], negative: ["3", 0], latent_image: ["4", 0] },
  },
  "6": { class_type: "VAEDecode", inputs: { samples: ["5", 0], vae: ["0", 2] } },
  "7": { class_type: "SaveImage", inputs: { images: ["6", 0] } },
};

export function comfyText(random: Random): string {
  const value = (): unknown =>
    random.pick<() => unknown>([
      () => [String(random.below(9)), random.below(3)],
      () => random.pick(WORDS),
      () => random.below(100) / 4,
      () => null,
      () => ({ on: true, lora: "a", strength: 1 }),
      () => [],
    ])();
  const wild = () =>
    Object.fromEntries(
      random.list(9, () => [
        String(random.below(9)),
        {
          class_type: random.pick(NODE_TYPES),
          inputs: Object.fromEntries(random.list(8, () => [random.pick(INPUTS), value()])),
        },
      ]),
    );
  /** A sound graph with up to three inputs changed. */
  const tame = () => {
    const graph = structuredClone(GRAPH) as Record<string, { inputs: Record<string, unknown> }>;
    for (let i = random.below(4); i > 0; i--) graph[String(random.below(8))]!.inputs[random.pick(INPUTS)] = value();
    if (random.below(8) === 0) delete graph[String(random.below(8))];
    return graph;
  };
  const ui = () => ({
    nodes: random.list(9, () => ({
      id: random.below(9),
      type: random.pick(NODE_TYPES),
      mode: random.pick([0, 0, 0, 2, 4]),
      inputs: random.list(5, () => ({ name: random.pick(INPUTS), link: random.below(12) })),
      widgets_values: random.list(8, value),
    })),
    links: random.list(12, () => [random.below(12), random.below(9), 0, random.below(9), 0, "*"]),
  });
  const text = JSON.stringify(random.pick<() => unknown>([wild, tame, tame, ui])());
  const withNumbers = text.replace(/:(\d+)/g, (whole, digits: string) =>
    random.pick([whole, whole, whole, ":NaN", `:${digits}${"9".repeat(20)}`]),
  );
  return random.below(4) === 0
    ? new TextDecoder().decode(broken(new TextEncoder().encode(withNumbers), random))
    : withNumbers;
}
