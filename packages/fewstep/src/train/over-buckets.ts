// A method's recipe for each shape of pictures, as one.
import { bucketedRecipe, type Recipe } from "@fewstep/train";
import type { DistillationInputs, SharedOptions } from "./distillation-inputs.js";

/** @throws FewstepError `buckets-do-not-fit` */
export async function overBuckets(
  { buckets }: Pick<DistillationInputs, "buckets">,
  make: (shared: SharedOptions) => Promise<Recipe>,
): Promise<Recipe> {
  const part = async (shared: SharedOptions) => ({
    recipe: await make(shared),
    pictures: shared.data.count,
  });
  const [first, ...others] = buckets;
  return bucketedRecipe([await part(first), ...(await Promise.all(others.map(part)))]);
}
