// The flags of `fewstep compare` -> a request: the same fields as in a file, lists with commas between. A file and flags do not mix, but for
// those that say where and how.
import { type CompareRequest, FewstepError, readCompareRequest } from "@fewstep/core";
import { parseLora } from "../run/lora-option.js";
import { badValue } from "../run/parse-values.js";
import type { ComparisonOptions } from "./run-comparison.js";

export interface CompareFlags {
  readonly model: readonly string[];
  readonly lora: readonly string[];
  readonly prompt: readonly string[];
  readonly negative?: string;
  readonly choices?: boolean;
  readonly wildcards?: string;
  readonly accelerators?: readonly string[];
  readonly steps?: readonly number[];
  readonly strengths?: readonly number[];
  readonly cfg?: readonly number[];
  readonly samplers?: readonly string[];
  readonly schedules?: readonly string[];
  readonly seeds?: readonly string[];
  readonly sizes?: readonly string[];
  readonly clipSkip?: number;
  readonly title?: string;
  /** False: --no-reference. */
  readonly reference?: boolean;
  readonly guide?: boolean;
}

/** Words with commas between; none of them empty. */
export const words =
  (option: string) =>
  (text: string): readonly string[] => {
    const parts = text.split(",").map((part) => part.trim());
    if (parts.every((part) => part !== "")) return parts;
    throw badValue(option, text, "words with commas between");
  };

/** @throws FewstepError `bad-comparison`, `prompt-missing` */
export function requestOfFlags(flags: CompareFlags): ComparisonOptions["request"] {
  const { model, lora, prompt, reference, guide, ...axes } = flags;
  const fields = Object.fromEntries(
    (
      [
        "negative",
        "choices",
        "wildcards",
        "accelerators",
        "steps",
        "strengths",
        "cfg",
        "samplers",
        "schedules",
        "seeds",
        "sizes",
        "clipSkip",
        "title",
      ] as const
    ).flatMap((name) => (axes[name] === undefined ? [] : [[name, axes[name]]])),
  ) as Partial<CompareRequest>;
  if (prompt.length === 0 && guide !== true) {
    throw new FewstepError({
      code: "prompt-missing",
      message: "there is no prompt",
      expected: '--prompt "a cat", a file with --file, or --guide',
    });
  }
  const request = readCompareRequest({
    ...(model.length === 0 ? {} : { models: model }),
    prompts: prompt.length === 0 ? [""] : prompt,
    ...(lora.length === 0 ? {} : { loras: lora.map(loraOf) }),
    ...(reference === false ? { reference: false } : {}),
    ...fields,
  });
  if (guide !== true) return request;
  refuseAxes(request);
  const { prompts, ...rest } = request;
  return {
    ...rest,
    guide: true,
    ...(prompt.length === 0 ? {} : { prompts }),
  };
}

/** The guide's runs are what they are: a value that would be left out in silence is refused. @throws FewstepError `guide-and-axes` */
function refuseAxes(request: CompareRequest): void {
  const axes = ["accelerators", "steps", "strengths", "cfg", "samplers", "schedules"] as const;
  const given: readonly string[] = axes.filter((name) => request[name] !== undefined);
  const found = [...given, ...((request.sizes?.length ?? 0) > 1 ? ["sizes"] : [])];
  if (found.length === 0) return;
  throw new FewstepError({
    code: "guide-and-axes",
    message: "the guide's nine runs have settings of their own",
    found: found.map((name) => `--${name}`).join(", "),
    expected: "--guide with models, LoRAs, prompts, seeds and one size",
    hint: "compare what you like without --guide",
  });
}

/** [ACCELERATOR=]FILE[:STRENGTH]; the strength is that of a style. */
function loraOf(text: string): NonNullable<CompareRequest["loras"]>[number] {
  const named = /^([a-z0-9-]+)=(.+)$/s.exec(text);
  const { file, strengthUnet, strengthSteps, blocks } = parseLora(named?.[2] ?? text);
  if (strengthSteps !== undefined || blocks !== undefined)
    throw badValue("lora", text, "one strength for all steps and blocks");
  return {
    file,
    ...(named === null ? {} : { is: named[1]! }),
    ...(strengthUnet === undefined ? {} : { strength: strengthUnet }),
  };
}
