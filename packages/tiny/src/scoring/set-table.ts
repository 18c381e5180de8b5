// What only a set of pictures has: kernel distance to drawn pictures (with an interval over resampled pictures) and diversity over seeds.
import { bootstrap, type Interval } from "./bootstrap.js";
import { kernelDistance } from "./kernel-distance.js";

export interface SetLine {
  readonly method: string;
  readonly steps: number;
  readonly distance: Interval;
  /** Mean distance of the judge's features between two seeds of one prompt. */
  readonly diversity: number;
}

/** Kernel sums grow with the square of the pictures: enough for an interval, not for a wait. */
const RESAMPLES = 30;

export function setLine(
  { method, steps }: Pick<SetLine, "method" | "steps">,
  features: readonly Float32Array[],
  prompts: readonly number[],
  drawn: readonly Float32Array[],
): SetLine {
  const distance = bootstrap(features, (some) => kernelDistance(some, drawn), { resamples: RESAMPLES });
  return { method, steps, distance, diversity: spread(features, prompts) };
}

function spread(features: readonly Float32Array[], prompts: readonly number[]): number {
  let [sum, pairs] = [0, 0];
  features.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      if (prompts[i] !== prompts[j]) continue;
      sum += Math.sqrt(a.reduce((total, x, k) => total + (x - features[j]![k]!) ** 2, 0));
      pairs++;
    }
  });
  return pairs === 0 ? 0 : sum / pairs;
}

export function setTable(lines: readonly SetLine[]): string {
  const body = lines.map(({ method, steps, distance, diversity }) => [
    method,
    String(steps),
    `${distance.value.toPrecision(3)} (${distance.low.toPrecision(3)} to ${distance.high.toPrecision(3)})`,
    diversity.toPrecision(3),
  ]);
  const head = ["method", "steps", "kernel distance", "diversity"];
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
