// The cases of a JSON set as they are, each with the leaves of the file that it alone reads.
import { jsonCases } from "./collect.js";
import type { GoldenBench, GoldenCheck } from "./golden-case.js";
import { checksOf, passes } from "./run-case.js";
import { keyOf, type Path, pathName, traced } from "./traced-json.js";

export interface SetCase {
  readonly id: string;
  /** Why it is skipped, or fails as it is. */
  readonly skip?: string;
  readonly broken?: string;
  /** Of the case as it is. */
  readonly checks: readonly GoldenCheck[];
  /** By key. */
  readonly leaves: ReadonlyMap<string, readonly Path[]>;
}

/** Runs the set once as it is; every case with the leaves that it alone reads. */
export async function traceCases(file: string, json: unknown, bench: GoldenBench): Promise<readonly SetCase[]> {
  const readers = new Map<string, { readonly path: Path; readonly by: Set<number> }>();
  const cases: (Omit<SetCase, "leaves"> & { readonly leaves: Map<string, Path[]> })[] = [];
  let making = true;
  const onLeaf = (path: Path) => {
    // what is read outside of any list before a case runs belongs to all cases
    const by = making && !path.some((part) => typeof part === "number") ? -1 : cases.length;
    const name = pathName(path);
    const reader = readers.get(name) ?? { path, by: new Set<number>() };
    reader.by.add(by);
    readers.set(name, reader);
  };
  const view = traced(json, onLeaf);
  for await (const one of jsonCases(file, { ...bench, json: async () => view })) {
    making = false;
    const checks = "skip" in one ? [] : await checksOf(one);
    const broken =
      typeof checks === "string"
        ? checks
        : "skip" in one || passes(checks)
          ? undefined
          : "fails before anything is moved";
    cases.push({
      id: one.id,
      ...("skip" in one ? { skip: one.skip } : {}),
      ...(broken === undefined ? {} : { broken }),
      checks: typeof checks === "string" ? [] : checks,
      leaves: new Map(),
    });
    making = true;
  }
  for (const { path, by } of readers.values()) {
    const [only, ...others] = by;
    const leaves = cases[only!]?.leaves;
    if (others.length > 0 || leaves === undefined) continue;
    const paths = leaves.get(keyOf(path)) ?? [];
    paths.push(path);
    leaves.set(keyOf(path), paths);
  }
  return cases;
}
