// What each fact of a file says about each variant, as a table. A rule answers undefined where the fact says nothing.
// `proves` a hash; `supports` the content fits; `excludes` it cannot be; `hints` somebody's words.
import { families } from "../families/family.js";
import type { AcceleratorVariant } from "./accelerator.js";
import type { AcceleratorFileFacts } from "./file-facts.js";
import { namesVariant, nameWords } from "./name-hint.js";

export interface Evidence {
  readonly says: "proves" | "supports" | "excludes" | "hints";
  /** How much of the content it speaks for; 0 for hints. */
  readonly weight: number;
  readonly reason: string;
}

type Rule = (facts: AcceleratorFileFacts, variant: AcceleratorVariant) => Evidence | undefined;

const supports = (weight: number, reason: string): Evidence => ({ says: "supports", weight, reason });
const excludes = (reason: string): Evidence => ({ says: "excludes", weight: 0, reason });
const proves = (reason: string): Evidence => ({ says: "proves", weight: 10, reason });

export const evidenceRules: readonly Rule[] = [
  ({ form }, variant) => (form === variant.form ? undefined : excludes(`is a ${form}, not a ${variant.form}`)),
  ({ base }, variant) => {
    if (base === undefined || base === variant.base) return undefined;
    return excludes(`is for ${families[base].title}, not for ${families[variant.base].title}`);
  },
  ({ hashes }, { files }) => {
    const file = hashes && files.find(({ sha256 }) => sha256 === hashes.sha256);
    return file && proves(`its SHA-256 is that of ${file.repository} ${file.name}`);
  },
  ({ hashes }, { files }) => {
    const file = hashes && files.find(({ tensorHash }) => tensorHash === hashes.tensorHash);
    return file && proves(`its tensors hash to ${file.tensorHash}, those of ${file.repository} ${file.name}`);
  },
  ({ bytes }, { files }) => {
    const file = files.find((one) => one.bytes === bytes);
    return file && supports(3, `has the ${bytes} bytes of ${file.name}`);
  },
  ({ guidanceInput }, { settings }) => {
    if (guidanceInput !== (settings.guidanceInput !== undefined))
      return guidanceInput ? excludes("takes guidance as an input") : excludes("takes no guidance input");
    return guidanceInput ? supports(4, "takes guidance as an input, as full LCM models do") : undefined;
  },
  ({ lora, tensors }, variant) => {
    const published = variant.lora?.tensors;
    if (lora === undefined || published === undefined) return undefined;
    if (tensors === published || lora.modules * 3 === published)
      return supports(3, `has ${lora.modules} modules, the layout of ${variant.accelerator}`);
    return excludes(`has ${lora.modules} modules, not ${published / 3}`);
  },
  ({ lora }, variant) => {
    const rank = variant.lora?.rank;
    if (lora === undefined || rank === undefined) return undefined;
    if (lora.ranks.length === 1 && lora.ranks[0] === rank) return supports(1, `rank ${rank}`);
    return excludes(`has rank ${lora.ranks.join(", ") || "none"}, not ${rank}`);
  },
  ({ lora }, { lora: shape }) => {
    const { rank, alpha } = shape ?? {};
    if (!lora?.alphaStored || rank === undefined || alpha === undefined) return undefined;
    const [scale] = lora.scales;
    if (lora.scales.length === 1 && scale === alpha / rank) return supports(1, `alpha ${alpha} at rank ${rank}`);
    return excludes(`alpha / rank is ${lora.scales.join(", ")}, not ${alpha / rank}`);
  },
  ({ dtypes }, { files }) => {
    const stated = files.flatMap(({ dtype }) => dtype ?? []);
    const [only] = dtypes;
    return dtypes.length === 1 && stated.includes(only!) ? supports(0.5, `stored as ${only}`) : undefined;
  },
  ({ lora }) =>
    lora?.textEncoder ? excludes("acts on a text encoder; accelerators act on the UNet alone") : undefined,
  ({ fileName }, variant) =>
    namesVariant(nameWords(fileName), variant)
      ? { says: "hints", weight: 0, reason: "the file's name says so, which proves nothing" }
      : undefined,
  ({ metadata }, variant) => {
    const key = ["modelspec.title", "ss_output_name", "ss_training_comment"].find((one) =>
      namesVariant(nameWords(metadata.get(one) ?? ""), variant),
    );
    return key && { says: "hints", weight: 0, reason: `its metadata ${key} says so, which proves nothing` };
  },
] as readonly Rule[];
