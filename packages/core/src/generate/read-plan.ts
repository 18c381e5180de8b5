// A plan from JSON that somebody else wrote, a picture's text for one: every field is checked before anything is computed from it.
// Strict: an unknown field may change the picture, so a plan of a newer fewstep is refused rather than half followed.
import { FewstepError } from "../errors.js";
import { checkSettings } from "../sampling/check-settings.js";
import { noiseSources } from "../sampling/noise/noise-source.js";
import { samplerDefinitions, samplerNames } from "../sampling/sampler-definitions.js";
import { scheduleNames } from "../sampling/schedules.js";
import { GRAMMARS } from "../text/grammars.js";
import type { GeneratePlan } from "./request.js";

/** A plan as a picture keeps it. */
export interface StoredPlan extends GeneratePlan {
  /** Which picture of a batch that one generator draws for; absent: the only one. */
  readonly picture?: number;
}

type Check = (value: unknown, path: string) => void;

/** Runs have at most 10,000 steps, and some samplers two rows a step. */
const MAX_ROWS = 20_000;
const MAX_PICTURES = 1_000;
const MAX_SIDE = 16_384;
/** The prompts of a whole book; texts of pictures are held to 4 MiB before. */
const MAX_TEXT = 1_000_000;

const text: Check = (value, path) => {
  if (typeof value !== "string" || value.length > MAX_TEXT || value.includes("\0")) throw bad(path, "a text");
};
const flag: Check = (value, path) => {
  if (typeof value !== "boolean") throw bad(path, "true or false");
};
const number =
  (low = -Number.MAX_VALUE, high = Number.MAX_VALUE): Check =>
  (value, path) => {
    if (typeof value !== "number" || !(value >= low && value <= high)) throw bad(path, `${low} to ${high}`);
  };
const whole =
  (low: number, high: number, multiple = 1): Check =>
  (value, path) => {
    number(low, high)(value, path);
    if (!Number.isInteger((value as number) / multiple)) throw bad(path, `a multiple of ${multiple}`);
  };
const word =
  (...words: readonly string[]): Check =>
  (value, path) => {
    if (!words.some((one) => one === value)) throw bad(path, words.join(", "));
  };
const list =
  (item: Check, least: number, most: number): Check =>
  (value, path) => {
    if (!Array.isArray(value) || value.length < least || value.length > most)
      throw bad(path, `a list of ${least} to ${most}`);
    for (const [i, one] of value.entries()) item(one, `${path}[${i}]`);
  };
const either =
  (first: Check, second: Check): Check =>
  (value, path) => {
    try {
      first(value, path);
    } catch {
      second(value, path);
    }
  };

/** An object of these fields, those of `optional` where they are there, and no others. */
const object =
  (needed: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad(path, "an object");
    const fields = new Map<string, unknown>(Object.entries(value));
    const checks = new Map([...Object.entries(needed), ...Object.entries(optional)]);
    for (const name of Object.keys(needed)) if (!fields.has(name)) throw bad(`${path}.${name}`, "a value");
    for (const [name, field] of fields) {
      const check = checks.get(name);
      if (check === undefined) throw bad(`${path}.${name.slice(0, 40)}`, "no such field");
      check(field, `${path}.${name}`);
    }
  };

const timestep = number(-1, 1_000_000);
const level = number(0, 1e9);
const sigma = either(word("infinite"), level);
const share = number(0, 1);
const side = whole(8, MAX_SIDE, 8);
const seed: Check = (value, path) => {
  if (typeof value !== "string" || !/^-?\d{1,20}$/.test(value)) throw bad(path, "decimal digits");
};
const point = object({ timestep, sigma });

const row = object(
  {
    timestep,
    sigma,
    sigmaNext: level,
    sigmaDown: level,
    sigmaUp: level,
    rescale: number(0, 1e6),
    guidance: number(1, 1e6),
    draws: whole(0, 16),
  },
  {
    middle: point,
    order: whole(1, 16),
    correctorOrder: whole(0, 16),
    renoiseFrom: level,
    churnedSigma: level,
    downTimestep: timestep,
    transfer: object({
      from: level,
      weights: list(list(number(), 2, 2), 0, 16),
      stateRowsBack: whole(0, MAX_ROWS),
    }),
  },
);

const noise = object(
  { seeds: list(seed, 1, MAX_PICTURES) },
  {
    source: word(...Object.keys(noiseSources)),
    batch: word("per-image", "one-generator"),
    subseeds: list(seed, 0, MAX_PICTURES),
    subseedStrength: share,
    stepSeedOffset: seed,
    stepSource: word(...Object.keys(noiseSources)),
    steps: word("stream", "brownian-tree"),
  },
);

/** Names and ranges are checkSettings' affair; here only that the values are numbers, words and flags. */
const settings = object(
  { name: word(...samplerNames) },
  {
    eta: number(),
    gamma: number(),
    noiseScale: number(),
    order: number(),
    solver: text,
    lowerOrderFinal: flag,
    eulerAtFinal: flag,
    combine: word("denoised", "noise"),
    uncorrectedRows: list(whole(0, MAX_ROWS), 0, MAX_ROWS),
    ratio: number(),
    variance: word("small", "large"),
    clip: number(),
    churn: object({ amount: number() }, { from: number(), to: number() }),
    rungeKutta: flag,
    restarts: list(object({ low: level, high: level, steps: whole(1, 1_000), times: whole(1, 1_000) }), 0, 100),
  },
);

const sampling = object({
  sampler: settings,
  prediction: object(
    { type: word("epsilon", "v", "sample") },
    { boundary: object({}, { timestepScaling: number(0, 1e6), sigmaData: number(0, 1e6) }) },
  ),
  units: word("sigma", "alpha-bar"),
  start: object({ rule: word("sigma", "root", "alpha-bar"), noise: level, imageScale: level, imageNoise: level }),
  rows: list(row, 1, MAX_ROWS),
  builtSteps: whole(1, MAX_ROWS),
  guidanceRescale: share,
  noise,
});

const sizes = list(whole(0, MAX_SIDE * 4), 6, 6);

const plan = object(
  {
    width: side,
    height: side,
    prompt: text,
    prompt2: text,
    clipSkip: whole(1, 12),
    grammar: word(...Object.keys(GRAMMARS)),
    sizes,
    sampling,
  },
  {
    negative: text,
    negative2: text,
    weighting: word("none", "a1111", "a1111-no-norm", "interpolate"),
    embeddedGuidance: number(0, 1e6),
    schedule: word(...scheduleNames),
    init: object({ strength: share, fit: word("stretch", "cover", "exact"), encode: word("sample", "mean") }),
    mask: object({ paint: word("white", "black"), blur: number(0, 1_024), paste: flag }),
    hires: object(
      {
        width: side,
        height: side,
        sizes,
        upscale: word("latent", "pixel"),
        filter: word("bilinear", "nearest"),
        strength: share,
        sampling,
      },
      { embeddedGuidance: number(0, 1e6) },
    ),
    seamless: word("x", "y", "xy"),
    nag: object({ scale: number(0, 1_000), tau: number(0, 1_000), alpha: share }),
    picture: whole(0, MAX_PICTURES - 1),
  },
);

/** Reads a plan that JSON.stringify wrote. @throws FewstepError `bad-plan`, `unused-setting`, `bad-setting` */
export function readPlan(json: string): StoredPlan {
  const value = parsed(json);
  plan(value, "plan");
  // what JSON leaves out is undefined
  const absent = {
    negative: undefined,
    negative2: undefined,
    weighting: undefined,
    embeddedGuidance: undefined,
    schedule: undefined,
    init: undefined,
    mask: undefined,
    seamless: undefined,
    nag: undefined,
  };
  const stored: StoredPlan = { ...absent, ...(value as StoredPlan) };
  const hires = stored.hires && { ...stored.hires, embeddedGuidance: stored.hires.embeddedGuidance };
  for (const pass of [stored.sampling, ...(hires === undefined ? [] : [hires.sampling])]) {
    const { name, ...given } = pass.sampler;
    checkSettings(name, samplerDefinitions[name], given);
  }
  if ((stored.picture ?? 0) >= stored.sampling.noise.seeds.length) throw bad("plan.picture", "one of the seeds");
  return { ...stored, hires };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw bad("plan", "JSON");
  }
}

function bad(path: string, expected: string): FewstepError {
  return new FewstepError({
    code: "bad-plan",
    message: "the plan cannot be read",
    found: `another value for ${path}`,
    expected,
    hint: "it may come from a newer fewstep, or was changed by hand",
  });
}
