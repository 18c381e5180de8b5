// prompt/schedules.json: the texts of a prompt over the steps of a run, and of a second pass.
import { type ScheduledText, scheduleTexts } from "@fewstep/core";
import type { GoldenCase } from "../golden-case.js";
import { exactly } from "./compare.js";

type Entries = readonly (readonly [number, string])[];
interface ScheduleRow {
  readonly id: string;
  readonly prompt: string;
  readonly steps: number;
  readonly schedule: Entries;
}
interface SchedulesFile {
  readonly hires: readonly (ScheduleRow & { readonly hires_steps: number; readonly hires: Entries })[];
  readonly cases: readonly ScheduleRow[];
}

const entries = (texts: readonly ScheduledText[]): Entries => texts.map(({ lastStep, text }) => [lastStep, text]);

export function* cases(file: unknown, fileName: string): Iterable<GoldenCase> {
  const { hires, cases: rows } = file as SchedulesFile;
  for (const { id, prompt, steps, schedule } of rows)
    yield {
      id: `${fileName} ${id}`,
      run: () => [exactly("texts", entries(scheduleTexts(prompt, { steps })), schedule)],
    };
  for (const { id, prompt, steps, schedule, hires_steps, hires: second } of hires)
    yield {
      id: `${fileName} second pass ${id}`,
      run: () => [
        exactly("first pass", entries(scheduleTexts(prompt, { steps })), schedule),
        exactly("second pass", entries(scheduleTexts(prompt, { steps: hires_steps, firstPassSteps: steps })), second),
      ],
    };
}
