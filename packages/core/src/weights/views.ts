// Views of weights: new values over the same lazy tensors. Nothing is read and nothing is changed in place.
import { FewstepError } from "../errors.js";
import { showName } from "../files/show-name.js";
import { type LazyTensor, type Weights, weightsOf } from "./weights.js";

/** [name, tensor] of every tensor, in order. */
export function* entriesOf(weights: Weights): Generator<readonly [string, LazyTensor]> {
  for (const name of weights.names) yield [name, weights.get(name) as LazyTensor];
}

/** The tensors whose name `keep` accepts. */
export function subset(weights: Weights, keep: (name: string) => boolean): Weights {
  return weightsOf(Array.from(entriesOf(weights)).filter(([name]) => keep(name)));
}

/** Every tensor under the name `nameOf` gives it. Throws `name-collision` when two would share one. */
export function rename(weights: Weights, nameOf: (name: string) => string): Weights {
  const renamed = new Map<string, LazyTensor>();
  for (const [name, tensor] of entriesOf(weights)) {
    const next = nameOf(name);
    const taken = renamed.get(next);
    if (taken !== undefined) {
      throw new FewstepError({
        code: "name-collision",
        message: `two tensors mean ${showName(next)}`,
        found: `${showName(taken.name)} and ${showName(tensor.name)} in ${tensor.file.name}`,
        hint: "the file mixes two naming schemes for the same weight: use one that does not",
      });
    }
    renamed.set(next, tensor);
  }
  return weightsOf(renamed);
}

/** The tensors whose name starts with `prefix`, without it. */
export function stripPrefix(weights: Weights, prefix: string): Weights {
  const inside = subset(weights, (name) => name.startsWith(prefix));
  return rename(inside, (name) => name.slice(prefix.length));
}

/** All tensors of both; where a name is in both, the one of `top`. */
export function overlay(base: Weights, top: Weights): Weights {
  return weightsOf([...entriesOf(base), ...entriesOf(top)]);
}
