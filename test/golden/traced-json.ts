// A JSON value that tells which of its leaves are read. A leaf is named by its path; its key is the path without places in lists.

export type Path = readonly (string | number)[];

export type Leaf = number | string | boolean;

/** A transparent view: reading through it is the same as reading the value, and every leaf read is reported. */
export function traced(value: unknown, onLeaf: (path: Path) => void, path: Path = []): unknown {
  if (typeof value !== "object" || value === null) return value;
  const views = new Map<string, unknown>();
  return new Proxy(value, {
    get(target, name, receiver) {
      const inner: unknown = Reflect.get(target, name, receiver);
      if (typeof name === "symbol" || !Object.hasOwn(target, name) || name === "length") return inner;
      const below = [...path, Array.isArray(target) ? Number(name) : name];
      if (typeof inner !== "object" || inner === null) {
        onLeaf(below);
        return inner;
      }
      if (!views.has(name)) views.set(name, traced(inner, onLeaf, below));
      return views.get(name);
    },
  });
}

export const pathName = (path: Path): string => JSON.stringify(path);

/** `cases[].steps[].next[]`: what all leaves of one meaning share. Names that are numbers stand for a place as well. */
export function keyOf(path: Path): string {
  return path
    .map((part) =>
      typeof part === "number" || (part.trim() !== "" && Number.isFinite(Number(part))) ? "[]" : `.${part}`,
    )
    .join("")
    .replace(/^\./, "");
}

export function leafAt(json: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string | number, unknown>)[part], json);
}

/** The same JSON with other leaves at some paths; what lies beside them is shared. */
export function withLeaves(json: unknown, leaves: ReadonlyMap<string, Leaf>): unknown {
  const changed = structuredClone(json);
  for (const [name, leaf] of leaves) {
    const path = JSON.parse(name) as Path;
    const holder = leafAt(changed, path.slice(0, -1)) as Record<string | number, unknown>;
    holder[path.at(-1)!] = leaf;
  }
  return changed;
}
