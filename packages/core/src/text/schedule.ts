// Prompts that change by step, as AUTOMATIC1111's webui reads them: [a:b:0.5], [b:6], [a::0.5], [a|b|c], nested at will. Only brackets that
// schedule are resolved; emphasis, escapes and stray brackets stay as text. Definition: the grammar of modules/prompt_parser.py, whose
// brackets can be paired in one pass: a group is valid only if all inside it is, so one stray character frees every bracket around it.
import { checkLimit } from "./prompt-limits.js";
import { skipSpace, skipSpaceBack } from "./python-syntax.js";

/** A text, or a choice that depends on the step. */
type Node =
  | string
  | { readonly kind: "switch"; readonly before: readonly Node[]; readonly after: readonly Node[]; readonly at: number }
  | { readonly kind: "cycle"; readonly options: readonly (readonly Node[])[] };

export interface ScheduledText {
  /** Steps count from 1; this text holds up to and with this one, from the entry before on. */
  readonly lastStep: number;
  readonly text: string;
}

export interface ScheduleOptions {
  /** Steps of the pass that the schedule is for. */
  readonly steps: number;
  /** Steps of the first pass, if the schedule is for a second one (high-resolution repair). */
  readonly firstPassSteps?: number;
}

/** An open bracket: where its items begin and where its separators lie in the list of items. */
interface Frame {
  readonly bracket: "(" | "[";
  readonly start: number;
  readonly colons: number[];
  readonly bars: number[];
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const TOKEN = /[^\\[\]():|]+|\\[^\n]|[[\]():|]/g;

/** A number with a dot is a fraction of the steps, without one a step; in a second pass both count on from the first. */
function switchStep(written: string, { steps, firstPassSteps }: ScheduleOptions): number {
  const fraction = written.includes(".");
  const value = Number(written);
  const step =
    firstPassSteps === undefined
      ? value * (fraction ? steps : 1)
      : fraction
        ? (value - 1) * steps
        : value - firstPassSteps;
  return Math.min(steps, Math.trunc(step));
}

function trimmed(text: string): string {
  const from = skipSpace(text, 0);
  return text.slice(from, skipSpaceBack(text, text.length, from));
}

/** The node of a closed square bracket, the string "emphasis" if it schedules nothing, undefined if the grammar has no such group. */
function squareGroup(items: readonly Node[], frame: Frame, options: ScheduleOptions): Node | "emphasis" | undefined {
  const { start, colons, bars } = frame;
  if (bars.length > 0) {
    const ends = [...bars, items.length];
    return { kind: "cycle", options: ends.map((end, i) => items.slice(i === 0 ? start + 1 : ends[i - 1]! + 1, end)) };
  }
  if (colons.length === 0) return "emphasis";
  const last = items.slice(colons.at(-1)! + 1);
  const written = last.length === 1 && typeof last[0] === "string" ? trimmed(last[0]) : "";
  if (colons.length > 2 || !NUMBER.test(written)) return undefined;
  const before = colons.length === 2 ? items.slice(start + 1, colons[0]) : [];
  const after = items.slice((colons.length === 2 ? colons[0]! : start) + 1, colons.at(-1)!);
  return { kind: "switch", before, after, at: switchStep(written, options) };
}

/** The items of a prompt and the steps at which it may change; undefined where the whole prompt is text (a bar outside [x|y]). */
function parse(
  prompt: string,
  options: ScheduleOptions,
): { readonly items: readonly Node[]; readonly ends: readonly number[] } | undefined {
  const items: Node[] = [];
  const ends = new Set([options.steps]);
  let everyStep = false;
  const frames: Frame[] = [];
  /** Leaves all open brackets as text; false if one holds a bar, which is text nowhere. */
  const release = (): boolean => frames.splice(0).every(({ bars }) => bars.length === 0);
  let read = 0;
  for (const { index, 0: token } of prompt.matchAll(TOKEN)) {
    if (index !== read) return undefined; // a backslash with nothing after it
    read += token.length;
    const frame = frames.at(-1);
    items.push(token);
    if (token === "(" || token === "[") frames.push({ bracket: token, start: items.length - 1, colons: [], bars: [] });
    else if (token === ":") frame?.colons.push(items.length - 1);
    else if (token === "|") {
      if (frame?.bracket !== "[") return undefined;
      frame.bars.push(items.length - 1);
    } else if (token === ")" && frame?.bracket === "(" && frame.colons.length <= 1) frames.pop();
    else if (token === "]" && frame?.bracket === "[") {
      if (frame.bars.length > 0 && frame.colons.length > 0) return undefined;
      frames.pop();
      items.pop();
      const group = squareGroup(items, frame, options);
      if (group === undefined || group === "emphasis") items.push(token);
      else {
        items.length = frame.start;
        items.push(group);
        if (typeof group !== "string" && group.kind === "switch" && group.at >= 1) ends.add(group.at);
        if (typeof group !== "string" && group.kind === "cycle") everyStep = true;
      }
      if (group === undefined && !release()) return undefined;
    } else if ((token === ")" || token === "]") && !release()) return undefined;
  }
  if (read !== prompt.length || !release()) return undefined;
  return { items, ends: everyStep ? Array.from({ length: options.steps }, (_, i) => i + 1) : [...ends] };
}

/** The text of a step; nests of any depth, without recursion. */
function textAt(step: number, items: readonly Node[]): string {
  const out: string[] = [];
  const stack: { readonly items: readonly Node[]; next: number }[] = [{ items, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const node = top.items[top.next++];
    if (node === undefined) stack.pop();
    else if (typeof node === "string") out.push(node);
    else if (node.kind === "switch") stack.push({ items: step <= node.at ? node.before : node.after, next: 0 });
    else stack.push({ items: node.options[(step - 1) % node.options.length]!, next: 0 });
  }
  return out.join("");
}

/**
 * The texts of a prompt over its steps, in order; the last one's `lastStep` is `steps`. Neighbours may be equal.
 * @throws FewstepError `prompt-too-many-texts`
 */
export function scheduleTexts(prompt: string, options: ScheduleOptions): readonly ScheduledText[] {
  const parsed = parse(prompt, options);
  if (parsed === undefined) return [{ lastStep: options.steps, text: prompt }];
  const ends = parsed.ends.toSorted((a, b) => a - b);
  checkLimit("scheduledTexts", ends.length);
  checkLimit("scheduledCharacters", ends.length === 1 ? 0 : ends.length * prompt.length);
  return ends.map((lastStep) => ({ lastStep, text: textAt(lastStep, parsed.items) }));
}
