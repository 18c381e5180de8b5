// Random wording from a seed: {a|b} picks one, {3::a|b} with weights, {} nest; __name__ picks a line of a wildcard. Done before any other
// reading of the prompt. The draws are fewstep's own: the same seed gives the same text everywhere, but not another program's.
import { FewstepError } from "../errors.js";
import { checkLimit } from "./prompt-limits.js";

export interface ChoiceOptions {
  /** Any integer that a double holds. */
  readonly seed: number;
  /** Name -> lines. A line may hold choices and wildcards itself. */
  readonly wildcards?: ReadonlyMap<string, readonly string[]>;
}

interface Group {
  readonly close: number;
  readonly bars: readonly number[];
}

const TOKEN = /[{|}]|__([\p{L}\p{N}./ -](?:[\p{L}\p{N}./ -]|_(?!_)){0,199})__/gu;
const WEIGHT = /^\s*(\d+(?:\.\d*)?|\.\d+)::/;

/** A double holds no more; the seeds people type differ in their lower digits. */
const SEED_BITS = 53;

/** A picture's seed, up to 64 bits, as choices take one: its lower 53 bits. */
export function choiceSeed(seed: bigint): number {
  return Number(BigInt.asUintN(SEED_BITS, seed));
}

/** murmur3's finaliser: every bit of the counter reaches every bit of the draw. */
function mixed(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Draws from [0, 1), the k-th a function of seed and k alone. */
function draws(seed: number): () => number {
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  let k = 0;
  return () => {
    k++;
    checkLimit("choices", k);
    return mixed(low ^ mixed(high ^ mixed(Math.imul(k, 0x9e3779b9)))) / 2 ** 32;
  };
}

function groupsOf(text: string): ReadonlyMap<number, Group> {
  const groups = new Map<number, Group>();
  const open: { readonly at: number; readonly bars: number[] }[] = [];
  for (const { index, 0: token } of text.matchAll(TOKEN)) {
    if (token === "{") {
      open.push({ at: index, bars: [] });
      checkLimit("depth", open.length);
    } else if (token === "|") open.at(-1)?.bars.push(index);
    else if (token === "}") {
      const top = open.pop();
      if (top !== undefined) groups.set(top.at, { close: index, bars: top.bars });
    }
  }
  return groups;
}

/** Which of the weights a draw falls on; all zero counts as all equal. */
function pick(weights: readonly number[], draw: number): number {
  const total = weights.reduce((a, b) => a + b, 0);
  if (!(total > 0)) return Math.floor(draw * weights.length);
  let left = draw * total;
  const found = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return found === -1 ? weights.length - 1 : found;
}

/**
 * The prompt with every choice made. A brace without a partner is text.
 * @throws FewstepError `wildcard-unknown`, `prompt-too-many-choices`, `prompt-too-deep`, `prompt-too-long`
 */
export function expandChoices(prompt: string, options: ChoiceOptions): string {
  const draw = draws(options.seed);
  let length = 0;
  const out: string[] = [];
  const text = (piece: string): void => {
    length += piece.length;
    checkLimit("characters", length);
    out.push(piece);
  };
  const wildcard = (name: string, depth: number): void => {
    const lines = options.wildcards?.get(name);
    if (lines === undefined || lines.length === 0)
      throw new FewstepError({
        code: "wildcard-unknown",
        message: `no lines are known for the wildcard ${JSON.stringify(name.slice(0, 80))}`,
        expected: [...(options.wildcards?.keys() ?? [])].slice(0, 8).join(", ") || "a list of wildcards",
      });
    expand(lines[Math.floor(draw() * lines.length)]!, depth + 1);
  };
  const expand = (source: string, depth: number): void => {
    checkLimit("depth", depth);
    const groups = groupsOf(source);
    const span = (from: number, to: number, level: number): void => {
      checkLimit("depth", level);
      let at = from;
      const tokens = new RegExp(TOKEN);
      tokens.lastIndex = from;
      for (let token = tokens.exec(source); token !== null && token.index < to; token = tokens.exec(source)) {
        const group = groups.get(token.index);
        if (token[1] === undefined && group === undefined) continue;
        text(source.slice(at, token.index));
        if (group === undefined) wildcard(token[1]!, level);
        else {
          const ends = [...group.bars, group.close];
          const starts = [token.index, ...group.bars].map((place) => place + 1);
          const written = starts.map((start, i) => WEIGHT.exec(source.slice(start, Math.min(ends[i]!, start + 32))));
          const chosen = pick(
            written.map((weight) => (weight === null ? 1 : Number(weight[1]))),
            draw(),
          );
          span(starts[chosen]! + (written[chosen]?.[0].length ?? 0), ends[chosen]!, level + 1);
          tokens.lastIndex = group.close + 1;
        }
        at = tokens.lastIndex;
      }
      text(source.slice(at, to));
    };
    span(0, source.length, depth);
  };
  expand(prompt, 1);
  return out.join("");
}
