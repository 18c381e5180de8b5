// One training over pictures of several shapes: a recipe for each shape, all of the same trained vectors. An iteration is one shape's, drawn as
// often as it has pictures, by (seed, index) alone: a broken run goes on as it would have.
import { FewstepError } from "@fewstep/core";
import { randomStream } from "../optim/random-stream.js";
import type { Recipe } from "./recipe.js";

export interface BucketPart {
  readonly recipe: Recipe;
  readonly pictures: number;
}

/** @throws FewstepError `buckets-do-not-fit` where what is trained differs from shape to shape */
export function bucketedRecipe(parts: readonly [BucketPart, ...BucketPart[]]): Recipe {
  const [{ recipe: first }] = parts;
  if (parts.length === 1) return first;
  const sizes = ({ initial, state }: Recipe) => state.map((name) => `${name} ${initial.get(name)!.length}`).join();
  const other = parts.find(({ recipe }) => sizes(recipe) !== sizes(first));
  if (other !== undefined)
    throw new FewstepError({
      code: "buckets-do-not-fit",
      message: "what is trained would differ from bucket to bucket",
      found: `${sizes(first)}; ${sizes(other.recipe)}`,
      hint: "a critic's head hangs on the pictures' shape: leave --buckets out, or --adversarial",
    });
  // one entry a picture: a drawn entry is a shape, as often as it has pictures
  const shapes = parts.flatMap(({ recipe, pictures }) => Array.from({ length: pictures }, () => recipe));
  return {
    ...first,
    name: `${first.name}-${parts.length}-shapes`,
    programs: parts.flatMap(({ recipe }) => recipe.programs),
    iterate: (iteration) =>
      shapes[randomStream(first.seed, "bucket", iteration.index).below(shapes.length)]!.iterate(iteration),
  };
}
