// A report with everything in it that a real one can hold: three configurations and a reference over two prompts and three seeds, an empty
// cell, a failed one, findings, and texts that try to be markup. Pictures are painted, and damaged by known amounts.
import {
  buildReport,
  type CellRecord,
  type CompareCell,
  type CompareRequest,
  diversity,
  encodePng,
  families,
  type GridFiles,
  type PictureScores,
  type Pixels,
  planGrid,
  planWork,
  type Report,
  scorePicture,
} from "@fewstep/core";

export const HOSTILE = `a fox </script><script>document.title="taken"</script><img src=x onerror="document.title='taken'"> & "quotes" 狐`;
const SIDE = 192;

const request: CompareRequest = {
  title: `Anime base <b>one</b>: LCM against TCD`,
  models: ["anime"],
  accelerators: ["lcm", "tcd", "hyper-4"],
  steps: [2, 4],
  prompts: [
    "1 girl, running, smiling, mouth open, semi side view, in a meadow with many small flowers under a blue sky",
    HOSTILE,
  ],
  seeds: [1, 2, 3],
  sizes: [`${SIDE}x${SIDE}`],
};

const files: GridFiles = {
  models: [
    {
      name: "anime",
      hash: "a".repeat(64),
      facts: { family: families.sd15, prediction: "epsilon", zeroTerminalSnr: false, embeddedGuidance: false },
    },
  ],
  loras: [
    { name: "lcm-lora", hash: "b".repeat(64), is: "lcm" },
    { name: "tcd-lora", hash: "c".repeat(64), is: "tcd" },
  ],
};

export interface ExampleReport {
  readonly report: Report;
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

export async function exampleReport(): Promise<ExampleReport> {
  const grid = planGrid(request, files);
  const { shared } = planWork(grid.cells);
  const pictures = new Map<string, Uint8Array>();
  const results = new Map<string, { record: CellRecord; scored?: PictureScores }>();
  const drawn = new Map<string, Pixels>();
  const cells = grid.cells.filter(({ run }) => run !== undefined);
  for (const cell of cells) drawn.set(cell.id, pictureOf(cell));
  for (const [index, cell] of cells.entries()) {
    const pixels = drawn.get(cell.id)!;
    const fails = index === 7;
    if (!fails) pictures.set(cell.id, await encodePng(pixels));
    const reference = cell.reference === undefined ? undefined : drawn.get(cell.reference);
    results.set(
      cell.id,
      fails ? { record: failed(cell) } : { record: done(cell, index), scored: scorePicture(pixels, reference) },
    );
  }
  const diversities = new Map(
    [...new Set(cells.map(({ config }) => config))].map((config) => [
      config,
      diversity(cells.filter((cell) => cell.config === config).map(({ id }) => drawn.get(id)!)) ?? 0,
    ]),
  );
  const report = buildReport({ grid, results, diversities, shared, version: "0.0.0", machine: "painted, 2 threads" });
  return { report, pictures };
}

/** A landscape by prompt and seed; fewer steps are softer and noisier. */
function pictureOf({ settings, role }: CompareCell): Pixels {
  const seed = Number(settings.seed) + (settings.prompt === HOSTILE ? 10 : 0);
  const rough = role === "reference" ? 0 : (settings.accelerator === "lcm" ? 26 : 14) / settings.steps;
  const data = new Uint8Array(SIDE * SIDE * 4);
  let state = seed * 7919;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const [cx, cy] = [SIDE * (0.25 + 0.5 * random()), SIDE * (0.25 + 0.35 * random())];
  const hue = random();
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const inside = (x - cx) ** 2 + (y - cy) ** 2 < (SIDE * 0.2) ** 2;
    const ground = y > SIDE * (0.7 + 0.05 * Math.sin(x / 17 + seed));
    const base = inside
      ? [225 - 90 * hue, 120 + 60 * hue, 70 + 120 * hue]
      : ground
        ? [70 + (Math.floor(x / 4) % 2) * 18, 128, 82]
        : [120 + y / 4, 165 + y / 6, 225 - x / 8];
    const noise = (random() - 0.5) * 2 * rough;
    data.set([...base.map((value) => Math.max(0, Math.min(255, value + noise))), 255], i * 4);
  }
  return { width: SIDE, height: SIDE, data };
}

function done(cell: CompareCell, index: number): CellRecord {
  const step = 0.4 + (index % 5) * 0.01;
  const steps = Array.from(
    { length: cell.settings.steps },
    (_, i) => (step * cell.calls) / cell.settings.steps + (i === 0 ? 0.2 : 0),
  );
  return {
    id: cell.id,
    status: "done",
    run: cell.run!,
    picture: { bytes: 1, sha256: "", width: SIDE, height: SIDE },
    timings: { loading: index === 0 ? 2 : 0, steps, decode: 0.5, total: step * cell.calls + 0.7 },
    calls: cell.calls,
    peakBytes: 2.1e9 + index * 1e6,
    device: "cpu",
    threads: 2,
    failures: [],
  };
}

function failed(cell: CompareCell): CellRecord {
  const error = {
    code: "not-finite",
    message: "the network answered something that is no number in step 2",
    hint: "lower the strengths",
  };
  return { id: cell.id, status: "failed", run: cell.run!, failures: [], error };
}
