// The self-test of one JSON set. Which leaves a case reads is traced; then, key by key, one leaf of every case is moved and all are run again.
// Keys are told apart by what their moves do. A stored result fails the one check that it is compared by; what a case is given (a seed, a
// setting) changes several checks, or none. Every case must see the moves of results; a case without a result that it sees has failed.
import { jsonCases } from "./collect.js";
import type { GoldenBench } from "./golden-case.js";
import { boundsOf, movedLeaf } from "./moved-leaf.js";
import { checksOf, type Verdict } from "./run-case.js";
import { pick, seeded } from "./seeded.js";
import { isResult, judge, type Seen } from "./seen-moves.js";
import type { SelfTest } from "./self-test.js";
import { type SetCase, traceCases } from "./set-cases.js";
import { type Leaf, leafAt, type Path, pathName, withLeaves } from "./traced-json.js";

/** Leaves tried of a key whose move a case did not see, each bound of the case at least once: a sum is held to a wider one. */
const TRIES = 3;

/** By case, what may be moved of a key: its numbers if any case has some, for a text among them ("nan") is no number to move. */
function candidates(key: string, cases: readonly SetCase[], json: unknown): readonly (readonly Path[])[] {
  const paths = cases.map(({ leaves, skip, broken }) =>
    (skip ?? broken) === undefined ? (leaves.get(key) ?? []) : [],
  );
  const typed = (type: string) => paths.map((each) => each.filter((path) => typeof leafAt(json, path) === type));
  const numbers = typed("number");
  if (numbers.some((each) => each.length > 0)) return numbers;
  const [texts, truths] = [typed("string"), typed("boolean")];
  return paths.map((_, at) => [...texts[at]!, ...truths[at]!]);
}

/** What each case says of its own moved leaf. */
async function runMoved(
  file: string,
  json: unknown,
  moves: ReadonlyMap<number, readonly [path: Path, leaf: Leaf]>,
  cases: readonly SetCase[],
  bench: GoldenBench,
): Promise<ReadonlyMap<number, Seen>> {
  const verdicts = new Map<number, Seen>();
  while (verdicts.size < moves.size) {
    const left = [...moves].filter(([at]) => !verdicts.has(at));
    const changed = withLeaves(json, new Map(left.map(([, [path, leaf]]) => [pathName(path), leaf])));
    let at = 0;
    try {
      for await (const one of jsonCases(file, { ...bench, json: async () => changed })) {
        const wanted = moves.has(at) && !verdicts.has(at);
        if (wanted && "run" in one) verdicts.set(at, judge(await checksOf(one), cases[at]!.checks, moves.get(at)![1]));
        at++;
      }
      for (const [unmade] of left) if (!verdicts.has(unmade)) verdicts.set(unmade, "refused");
    } catch {
      // the case at which the set stops being made is the one that its move keeps from being made
      if (verdicts.has(at) || !moves.has(at)) throw new RangeError(`${file} cannot be made with case ${at} as it is`);
      verdicts.set(at, "refused");
    }
  }
  return verdicts;
}

async function testKey(key: string, cases: readonly SetCase[], file: string, json: unknown, test: SelfTest) {
  const verdicts = new Map<number, Seen>();
  const movable = candidates(key, cases, json);
  const attempts = Math.max(TRIES, ...cases.map(({ checks }) => boundsOf(checks).length));
  for (let attempt = 0; attempt < attempts; attempt++) {
    const moves = new Map<number, readonly [Path, Leaf]>();
    for (const [at, { id, checks }] of cases.entries()) {
      const paths = movable[at]!;
      if (paths.length === 0 || (verdicts.get(at) ?? "unseen") !== "unseen") continue;
      const random = seeded(`${test.seed} ${id} ${key} ${attempt}`);
      const path = pick(paths, random);
      const stated = (json as { readonly bound?: unknown }).bound;
      const bounds = boundsOf(checks);
      const bound = bounds[Math.min(attempt, bounds.length - 1)] ?? 0;
      moves.set(at, [path, movedLeaf(leafAt(json, path) as Leaf, stated, bound, random)]);
    }
    if (moves.size === 0) break;
    for (const [at, seen] of await runMoved(file, json, moves, cases, test.bench)) verdicts.set(at, seen);
  }
  return verdicts;
}

/** Tests every case of the set. */
export async function testSet(file: string, test: SelfTest): Promise<Verdict[]> {
  const json = await test.bench.json(file);
  const cases = await traceCases(file, json, test.bench);
  const keys = [...new Set(cases.flatMap(({ leaves }) => [...leaves.keys()]))].sort();
  const compared: string[] = [];
  const seenBy = cases.map(() => 0);
  const unseenBy = cases.map((): string[] => []);
  for (const key of keys) {
    const verdicts = await testKey(key, cases, file, json, test);
    if (!isResult([...verdicts.values()])) continue;
    compared.push(key);
    for (const [at, verdict] of verdicts) {
      if (verdict === "unseen") unseenBy[at]!.push(key);
      else if (verdict !== "refused") seenBy[at]!++;
    }
  }
  const given = keys.filter((key) => !compared.includes(key));
  test.say(`      ${file} compares ${compared.join(" ") || "nothing"}; is given ${given.join(" ") || "nothing"}`);
  return cases.map(({ id, skip, broken }, at): Verdict => {
    if (skip !== undefined) {
      test.say(`skip  ${id}: ${skip}`);
      return "skipped";
    }
    const unseen = unseenBy[at]!;
    const fault =
      broken ??
      (unseen.length > 0
        ? `a moved value passes in ${unseen.join(", ")}`
        : seenBy[at] === 0
          ? "no moved value fails it"
          : undefined);
    test.say(fault === undefined ? `ok    ${id}: ${seenBy[at]} moved values fail` : `FAIL  ${id}: ${fault}`);
    return fault === undefined ? "passed" : "failed";
  });
}
