// What planning a grid must know of files: facts read off headers, and hashes. No paths and no bytes.
import type { AcceleratorVariant } from "../accelerators/accelerator.js";
import type { LoraFacts } from "../accelerators/file-facts.js";
import { type GivenFile, variantsNamed } from "../accelerators/resolve.js";
import type { FamilyId } from "../families/family.js";
import type { PlanFacts } from "../generate/request.js";

export interface GridModel {
  /** As a picture names it: without folder and ending. */
  readonly name: string;
  /** SHA-256; of a folder's files together. */
  readonly hash: string;
  readonly facts: PlanFacts;
  /** The checkpoint itself, where it may be an accelerator (Turbo, full LCM). */
  readonly given?: GivenFile;
}

export interface GridLora {
  readonly name: string;
  readonly hash: string;
  readonly given?: GivenFile;
  /** As the user says; `style`: no accelerator. */
  readonly is?: string;
  readonly strength?: number;
  readonly family?: FamilyId;
  readonly facts?: LoraFacts;
}

export interface GridFiles {
  readonly models: readonly GridModel[];
  readonly loras: readonly GridLora[];
  /** Name -> lines, where the request names a folder of wildcards. */
  readonly wildcards?: ReadonlyMap<string, readonly string[]>;
}

/**
 * The file as `resolveAccelerator` takes it: the user's word goes before what the content says, and the content says more of a file that is
 * what the user says, such as one that fewstep trained for a base that has none published. @throws FewstepError `unknown-accelerator`
 */
export function givenLora({ given, is, name }: GridLora, base: FamilyId): GivenFile | undefined {
  if (is === undefined) return given;
  if (is === "style") return undefined;
  const own = given?.recognition.candidates.filter(({ variant }) => variant.name === is) ?? [];
  if (given !== undefined && own.length > 0)
    return { ...given, recognition: { ...given.recognition, candidates: own } };
  const variants: readonly AcceleratorVariant[] = variantsNamed(is, base).filter(({ form }) => form === "lora");
  const candidates = variants.map((variant) => ({ variant, confidence: "certain", reasons: ["as given"] }) as const);
  return { name, form: "lora", recognition: { candidates } };
}

/** LoRAs that go into every cell of a model: those that are no accelerator, and made for its family as far as they say. */
export function styleLoras(loras: readonly GridLora[], model: GridModel): readonly GridLora[] {
  return loras.filter(({ is, given, family }) => {
    const isStyle = is === "style" || (is === undefined && (given?.recognition.candidates.length ?? 0) === 0);
    return isStyle && (family ?? model.facts.family.id) === model.facts.family.id;
  });
}
