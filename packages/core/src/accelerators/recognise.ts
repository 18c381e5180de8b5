// Which accelerator a file is, by its content first; names only break ties and are called hints. Where the content fits several (Lightning's
// 2, 4 and 8 steps differ in nothing but numbers) the answer is a question, never a guess.
import type { AcceleratorVariant } from "./accelerator.js";
import { acceleratorVariants } from "./accelerators.js";
import { type Evidence, evidenceRules } from "./evidence.js";
import type { AcceleratorFileFacts } from "./file-facts.js";
import { ownVariant } from "./own-training.js";

export type Confidence = "certain" | "likely" | "possible";

export interface AcceleratorCandidate {
  readonly variant: AcceleratorVariant;
  readonly confidence: Confidence;
  readonly reasons: readonly string[];
}

export interface AcceleratorRecognition {
  /** Best first; empty for a file that is no accelerator as far as can be told. */
  readonly candidates: readonly AcceleratorCandidate[];
  /** What decided for the first one; undefined where nothing did. */
  readonly decidedBy?: "hash" | "content" | "name";
  /** What must be asked, or confirmed where only a name decided. */
  readonly question?: string;
}

/** Content that speaks for a variant without a hash: less, and a file is taken for one only if its name says so. */
const enoughContent = 3;

/** Files are converted to other types and cut to other ranks: less of a lead than this decides nothing. */
const enoughLead = 1;
/** A lead, such as the length to the byte, that a name does not call into question. */
const provenLead = 3;

interface Weighed {
  readonly variant: AcceleratorVariant;
  readonly evidence: readonly Evidence[];
  readonly weight: number;
  readonly proven: boolean;
  readonly hinted: boolean;
}

export function recogniseAccelerator(
  facts: AcceleratorFileFacts,
  variants: readonly AcceleratorVariant[] = acceleratorVariants,
): AcceleratorRecognition {
  const weighed = variants.flatMap((variant) => weigh(facts, variant) ?? []);
  const proven = weighed.filter(({ proven }) => proven);
  if (proven.length > 0) return { candidates: proven.map((one) => candidate(one, "certain")), decidedBy: "hash" };
  const own = ownVariant(facts);
  if (own !== undefined) {
    const reasons = [`its metadata says that fewstep trained it as ${own.name}`];
    return { candidates: [{ variant: own, confidence: "likely", reasons }], decidedBy: "content" };
  }
  const fitting = weighed.filter(({ weight, hinted }) => weight >= enoughContent || hinted);
  const ordered = fitting.toSorted((a, b) => b.weight - a.weight || Number(b.hinted) - Number(a.hinted));
  const best = ordered[0];
  if (best === undefined) return { candidates: [] };
  const tied = ordered.filter(({ weight }) => best.weight - weight < enoughLead);
  const doubted = ordered.some(
    (one) => one.hinted && !best.hinted && one.weight >= enoughContent && best.weight - one.weight < provenLead,
  );
  if (tied.length === 1 && best.weight >= enoughContent && !doubted)
    return {
      candidates: ordered.map((one) => candidate(one, one === best ? "likely" : "possible")),
      decidedBy: "content",
    };
  const hinted = ordered.filter((one) => one.hinted);
  const byName = hinted.length === 1 ? hinted[0] : undefined;
  const candidates = (byName === undefined ? ordered : [byName, ...ordered.filter((one) => one !== byName)]).map(
    (one) => candidate(one, "possible"),
  );
  const names = [...new Set(tied.map(({ variant }) => variant.name))];
  if (byName === undefined) return { candidates, question: `its content fits ${listed(names)}: say which it is` };
  const others = names.filter((name) => name !== byName.variant.name);
  return {
    candidates,
    decidedBy: "name",
    question:
      others.length === 0
        ? `only its name says that it is ${byName.variant.name}: confirm it`
        : `its name says ${byName.variant.name}; its content fits ${listed(others)} as well: confirm it`,
  };
}

function weigh(facts: AcceleratorFileFacts, variant: AcceleratorVariant): Weighed | undefined {
  const evidence = evidenceRules.flatMap((rule) => rule(facts, variant) ?? []);
  const proven = evidence.some(({ says }) => says === "proves");
  if (!proven && evidence.some(({ says }) => says === "excludes")) return undefined;
  return {
    variant,
    evidence,
    weight: evidence.reduce((sum, { weight }) => sum + weight, 0),
    proven,
    hinted: evidence.some(({ says }) => says === "hints"),
  };
}

function candidate({ variant, evidence }: Weighed, confidence: Confidence): AcceleratorCandidate {
  return {
    variant,
    confidence,
    reasons: evidence.filter(({ says }) => says !== "excludes").map(({ reason }) => reason),
  };
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** A line a user can read: what the file is, how sure that is, and why. */
export function recognitionLine({ candidates, question }: AcceleratorRecognition): string {
  const best = candidates[0];
  if (best === undefined) return "no accelerator that is known";
  const reasons = best.reasons.join("; ");
  const what = question === undefined ? `${best.variant.title} (${best.confidence})` : question;
  return reasons === "" ? what : `${what}: ${reasons}`;
}
