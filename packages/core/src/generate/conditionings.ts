// The conditionings of a run: which text counts in which step, for the prompt (with its AND parts) and for the negative prompt.
import { FewstepError } from "../errors.js";
import type { Checkpoint } from "../families/checkpoint.js";
import type { ConditioningRole } from "../sampling/guider.js";
import type { Tokenizer } from "../text/clip-tokenizer.js";
import { CLIP_IDS } from "../text/clip-tokenizer.js";
import { parsePrompt } from "../text/parse-prompt.js";
import type { PromptNote, PromptPlan, Window } from "../text/prompt-plan.js";
import type { GeneratePlan } from "./request.js";
import type { Conditioning, TextEncoders } from "./text-encoding.js";
import type { EmbeddingVectors } from "./text-network.js";

/** One part of a prompt joined by AND. */
export interface WeightedConditioning {
  readonly weight: number;
  readonly conditioning: Conditioning;
}

export interface Conditionings {
  readonly tokens: number;
  /** Parts of a role's text in row `index`; more than one only with AND. */
  readonly at: (role: ConditioningRole, index: number) => readonly WeightedConditioning[];
  readonly notes: readonly PromptNote[];
}

interface TextPlan {
  readonly parts: readonly { readonly weight: number; readonly ranges: readonly RangeWindows[] }[];
  readonly plan: PromptPlan;
}
interface RangeWindows {
  readonly lastStep: number;
  readonly encoders: readonly (readonly Window[])[];
}

const OPENCLIP_PAD = 0;

/**
 * Reads the texts of a plan for the encoders of a checkpoint. Pure: tells the number of windows before anything is encoded.
 * @param firstPassSteps of the pass before, from which prompts that change by step count on in a second one
 */
export function planTexts(
  checkpoint: Checkpoint,
  plan: GeneratePlan,
  tokenizer: Tokenizer,
  embeddings: EmbeddingVectors = new Map(),
  firstPassSteps?: number,
): { readonly prompt: TextPlan; readonly negative: TextPlan | undefined; readonly windows: number } {
  const encoders = checkpoint.text.map(({ kind }, index) => ({
    tokenizer,
    pad: kind === "openclip" ? OPENCLIP_PAD : CLIP_IDS.end,
    embeddings: new Map(
      [...embeddings].flatMap(([name, lists]) => (lists[index] === undefined ? [] : [[name, lists[index].length]])),
    ),
  }));
  const steps = plan.sampling.rows.length;
  const { grammar, weighting } = plan;
  const read = (text: string, text2: string): TextPlan => {
    const options = {
      grammar,
      steps,
      encoders,
      ...(weighting === undefined ? {} : { weighting }),
      ...(firstPassSteps === undefined ? {} : { firstPassSteps }),
    };
    const first = parsePrompt(text, options);
    const second = text2 === text || encoders.length < 2 ? undefined : parsePrompt(text2, options);
    return { plan: first, parts: second === undefined ? first.parts : crossed(first, second) };
  };
  const needsNegative = plan.nag !== undefined || plan.sampling.rows.some((row) => row.guidance !== 1);
  const absent = plan.negative === undefined && checkpoint.family.zeroNegative;
  const prompt = read(plan.prompt, plan.prompt2);
  // the weights of AND are taken from the unconditional output, so it is needed with more than one part
  const wanted = (needsNegative || prompt.parts.length > 1) && !absent;
  const negative = wanted ? read(plan.negative ?? "", plan.negative2 ?? plan.negative ?? "") : undefined;
  const count = ({ parts }: TextPlan) =>
    Math.max(...parts.flatMap(({ ranges }) => ranges.map(({ encoders: [first] }) => first!.length)));
  return { prompt, negative, windows: Math.max(count(prompt), negative === undefined ? 1 : count(negative)) };
}

/** SDXL with two prompts: the first encoder reads one, the second the other; schedules of both count. */
function crossed(first: PromptPlan, second: PromptPlan): TextPlan["parts"] {
  if (first.parts.length > 1 || second.parts.length > 1) {
    throw new FewstepError({
      code: "and-with-two-prompts",
      message: "AND does not go with a second prompt",
      hint: "leave out one of them",
    });
  }
  const [a, b] = [first.parts[0]!.ranges, second.parts[0]!.ranges];
  const ends = [...new Set([...a, ...b].map(({ lastStep }) => lastStep))].sort((x, y) => x - y);
  const at = (ranges: readonly RangeWindows[], step: number) =>
    ranges.find(({ lastStep }) => step <= lastStep)!.encoders;
  return [
    { weight: 1, ranges: ends.map((lastStep) => ({ lastStep, encoders: [at(a, lastStep)[0]!, at(b, lastStep)[1]!] })) },
  ];
}

/** Encodes the texts of a plan, each window once. Shorter texts are filled up with empty windows, as one graph takes one length. */
export async function encodeTexts(encoders: TextEncoders, texts: ReturnType<typeof planTexts>): Promise<Conditionings> {
  const known = new Map<string, Promise<Conditioning>>();
  const encode = (windows: RangeWindows["encoders"], weighting: PromptPlan["weighting"]) => {
    const key = JSON.stringify(windows);
    const before = known.get(key);
    if (before !== undefined) return before;
    const encoding = encoders.encode(windows, weighting, texts.windows);
    known.set(key, encoding);
    return encoding;
  };
  const role = async ({ parts, plan: { weighting } }: TextPlan) =>
    Promise.all(
      parts.map(async ({ weight, ranges }) => ({
        weight,
        ranges: await inOrder(ranges, async ({ lastStep, encoders: windows }) => ({
          lastStep,
          conditioning: await encode(windows, weighting),
        })),
      })),
    );
  const prompt = await role(texts.prompt);
  const negative = texts.negative && (await role(texts.negative));
  const zeros = negative === undefined ? zeroed(prompt[0]!.ranges[0]!.conditioning) : undefined;
  return {
    tokens: prompt[0]!.ranges[0]!.conditioning.tokens,
    notes: [...texts.prompt.plan.notes, ...(texts.negative?.plan.notes ?? [])],
    at(which, index) {
      const source = which === "conditional" ? prompt : negative;
      if (source === undefined) return [{ weight: 1, conditioning: zeros! }];
      return source.map(({ weight, ranges }) => ({
        weight,
        conditioning: (ranges.find(({ lastStep }) => index + 1 <= lastStep) ?? ranges.at(-1)!).conditioning,
      }));
    },
  };
}

async function inOrder<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await each(item));
  return results;
}

/** SDXL's absent negative prompt. */
function zeroed({ states, tokens, pooled }: Conditioning): Conditioning {
  return {
    states: new Float32Array(states.length),
    tokens,
    ...(pooled === undefined ? {} : { pooled: new Float32Array(pooled.length) }),
  };
}
