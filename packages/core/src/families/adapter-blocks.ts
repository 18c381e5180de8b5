// Factors for parts of a network, by the parts' names: canonical ones (`down_blocks.1`, `mid_block`, `text_model.encoder.layers.3`) or the
// short `down.1`, `mid`, `up`. A name that nothing of the adapter lies in is an error: a slip of the key must not be a factor of 1.
import { FewstepError } from "../errors.js";
import { showName } from "../files/show-name.js";
import type { AdapterFit } from "./adapter-fit.js";

export type BlockFactors = Readonly<Record<string, number>>;

const SHORT: readonly (readonly [from: RegExp, to: string])[] = [
  [/^(down|up)(?=\.|$)/, "$1_blocks"],
  [/^mid(?=\.|$)/, "mid_block"],
];

/** The factors under canonical names. Throws `adapter-block-unknown`. */
export function adapterBlocks({ adapter, networks }: AdapterFit, factors: BlockFactors): BlockFactors {
  const modules = [...networks.values()].flat().map(({ module }) => module);
  const named = Object.entries(factors).map(([written, factor]) => {
    const name = SHORT.reduce((current, [from, to]) => current.replace(from, to), written);
    if (modules.some((module) => module === name || module.startsWith(`${name}.`))) return [name, factor] as const;
    throw new FewstepError({
      code: "adapter-block-unknown",
      message: `${adapter.name} changes nothing in a block of this name`,
      found: showName(written),
      expected: blocksOf(modules).join(", "),
      hint: "name one of these, or any layer below one, such as up.1.attentions.0",
    });
  });
  return Object.fromEntries(named);
}

/** `down_blocks.1` ... of the UNet, `text_model.encoder.layers.3` ... of the text encoders. */
function blocksOf(modules: readonly string[]): readonly string[] {
  const block = /^(?:(?:down|up)_blocks\.\d+|mid_block|text_model\.encoder\.layers\.\d+|[^.]+)/;
  return [...new Set(modules.map((module) => block.exec(module)![0]))].sort();
}
