// Fuzzing of everything that reads a stranger's picture: 100,000 inputs built from the real structures and then broken, from fixed seeds.
// Allowed outcomes: a result, or a FewstepError. Every input has a time limit; the run as a whole a memory limit.

import { readdirSync, readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { FewstepError } from "../errors.js";
import { sharpCodec } from "../platform-node/sharp-codec.js";
import { decodePicture, encodePicture, type ImageCodec } from "./codec.js";
import { readExif } from "./exif.js";
import { writeExif } from "./exif-write.js";
import { exifBlock, pngFile } from "./fuzz-files.test.fixture.js";
import { broken, comfyText, infoText, type Random, randomOf } from "./fuzz-text.test.fixture.js";
import { readA1111 } from "./metadata/a1111.js";
import { writeA1111 } from "./metadata/a1111-write.js";
import { readComfyPrompt, readComfyWorkflow } from "./metadata/comfyui.js";
import { readSettings } from "./metadata/read-metadata.js";
import { readPictureText } from "./picture-text.js";

const GOLDEN = new URL("../../../../test/golden/data/metadata/", import.meta.url);

type Outcome = string;
type Target = {
  readonly count: number;
  readonly run: (random: Random) => Outcome | Promise<Outcome>;
  readonly mustSee: readonly Outcome[];
};

const GOLDEN_FILES = readdirSync(GOLDEN)
  .filter((name) => !/\.json$|\.md$/.test(name))
  .map((name) => Uint8Array.from(readFileSync(new URL(name, GOLDEN))));

/** The texts of a file and their meaning; the faults are part of the outcome. */
async function readAll(bytes: Uint8Array<ArrayBuffer>): Promise<Outcome> {
  const text = await readPictureText(bytes);
  const { reading, faults } = readSettings(text);
  return reading?.tool ?? faults[0]?.code ?? "no settings";
}

let made: Promise<{ readonly codec: ImageCodec; readonly files: readonly Uint8Array<ArrayBuffer>[] }> | undefined;

/** sharp, and sound files of its own making. */
function coded() {
  made ??= (async () => {
    const codec = await sharpCodec();
    const data = Uint8Array.from({ length: 40 * 24 * 4 }, (_, i) => (i * 7) % 256);
    const exif = writeExif({ comment: "a cat\nSteps: 4", own: '{"fewstep":1,"settings":{"steps":4}}' });
    const files = [];
    for (const format of ["jpeg", "webp"] as const) {
      files.push(await encodePicture({ width: 40, height: 24, data }, format, { codec, exif }));
      files.push(await encodePicture({ width: 40, height: 24, data }, format, { codec }));
    }
    return { codec, files };
  })();
  return made;
}

const TARGETS: Readonly<Record<string, Target>> = {
  "a1111 text": {
    count: 28_000,
    run: (random) => {
      const { settings, pairs } = readA1111(infoText(random));
      readA1111(writeA1111(settings));
      return pairs.length > 0 ? "pairs" : "prompt";
    },
    mustSee: ["pairs", "prompt"],
  },
  "comfyui json": {
    count: 30_000,
    run: (random) => {
      const text = comfyText(random);
      const read = text.includes('"nodes"') ? readComfyWorkflow : readComfyPrompt;
      return read(text) === undefined ? "no sampler" : "settings";
    },
    mustSee: ["settings", "no sampler", "comfyui-cycle", "comfyui-missing-node", "comfyui-graph", "json-broken"],
  },
  exif: {
    count: 15_000,
    run: (random) => {
      const { entries, faults } = readExif(broken(exifBlock(random), random), "jpeg");
      return entries.length > 0 ? "texts" : (faults[0]?.code ?? "no texts");
    },
    mustSee: ["texts", "no texts", "exif-broken"],
  },
  "png metadata": {
    count: 10_000,
    run: (random) => readAll(pngFile(random, deflateSync)),
    mustSee: [
      "a1111",
      "comfyui",
      "png-crc",
      "png-truncated",
      "png-keyword",
      "deflate-broken",
      "exif-broken",
      "no settings",
    ],
  },
  "png pixels": {
    count: 5_000,
    run: async (random) => {
      const { width, height, data } = await decodePicture(pngFile(random, deflateSync), { maxPixels: 100_000 });
      if (data.length !== width * height * 4) throw new RangeError("pixels of a wrong length");
      return "pixels";
    },
    mustSee: [
      "pixels",
      "png-size",
      "image-too-many-pixels",
      "png-surplus",
      "png-truncated",
      "png-palette",
      "image-animated",
      "png-crc",
    ],
  },
  "jpeg and webp pixels": {
    count: 2_000,
    run: async (random) => {
      const { codec, files } = await coded();
      const { width, height, data } = await decodePicture(broken(random.pick(files), random), {
        codec,
        maxPixels: 100_000,
      });
      if (data.length !== width * height * 4) throw new RangeError("pixels of a wrong length");
      return "pixels";
    },
    mustSee: ["pixels", "image-cannot-read", "image-format", "image-too-many-pixels"],
  },
  "golden files": {
    count: 10_000,
    run: (random) => readAll(broken(random.pick(GOLDEN_FILES), random)),
    mustSee: [
      "a1111",
      "comfyui",
      "fooocus",
      "invokeai",
      "novelai",
      "swarmui",
      "jpeg-broken",
      "webp-broken",
      "image-format",
    ],
  },
};

test("100,000 hostile inputs", { timeout: 300_000 }, async () => {
  const started = process.memoryUsage().rss;
  let total = 0;
  for (const [name, { count, run, mustSee }] of Object.entries(TARGETS)) {
    const outcomes = new Map<Outcome, number>();
    let slowest = { milliseconds: 0, seed: 0 };
    for (let seed = 0; seed < count; seed++) {
      const random = randomOf(seed * 7 + name.length);
      const before = performance.now();
      const outcome = await outcomeOf(() => run(random), `${name}, seed ${seed}`);
      const milliseconds = performance.now() - before;
      if (milliseconds > slowest.milliseconds) slowest = { milliseconds, seed };
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    total += count;
    const sorted = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, n]) => `${outcome} ${n}`);
    console.log(`${name}: ${count} inputs, slowest ${slowest.milliseconds.toFixed(0)} ms; ${sorted.join(", ")}`);
    expect(
      mustSee.filter((outcome) => !outcomes.has(outcome)),
      `${name}: outcomes never seen`,
    ).toEqual([]);
    // A machine under load may stall for a moment; a hang is not a moment.
    expect(slowest.milliseconds, `${name}, seed ${slowest.seed}`).toBeLessThan(5000);
  }
  expect(total).toBe(100_000);
  expect((process.memoryUsage().rss - started) / 2 ** 20).toBeLessThan(700);
});

async function outcomeOf(run: () => Outcome | Promise<Outcome>, place: string): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof FewstepError) return error.code;
    throw new Error(`${place}: ${String(error)}`, { cause: error });
  }
}
