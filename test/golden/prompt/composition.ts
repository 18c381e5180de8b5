// prompt/composition.json: prompts joined by AND.
import { splitComposition } from "@fewstep/core";
import type { GoldenCase } from "../golden-case.js";
import { exactly } from "./compare.js";

interface CompositionFile {
  readonly cases: readonly { readonly id: string; readonly parts: readonly (readonly [string, number])[] }[];
}

export function* cases(file: unknown, fileName: string): Iterable<GoldenCase> {
  for (const { id, parts } of (file as CompositionFile).cases)
    yield {
      id: `${fileName} ${JSON.stringify(id)}`,
      run: () => {
        const actual = splitComposition(id).map(({ text, weight }) => [text, weight]);
        return [exactly("parts", actual, parts)];
      },
    };
}
