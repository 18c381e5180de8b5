// The tables in documents, computed from the committed rows: all lines in the model card, those at equal network calls in the README.
// They stand between two comments, which stay.
import { FewstepError } from "@fewstep/core";
import { TINY_ACCELERATORS, TINY_GUIDANCE, TINY_SETTINGS, TINY_STEPS } from "../own-settings.js";
import type { ScoreRow } from "./rows.js";
import { type ScoreLine, scoreLines, scoreTable } from "./score-table.js";

const BEGIN = "<!-- scores: npm run score:tiny -- --write -->";
const END = "<!-- end of scores -->";

/** The accelerators at their steps, the base at as many network calls without guidance and with, and at its usual settings. */
function isShort({ method, steps, calls }: ScoreLine): boolean {
  const guided = `base cfg ${TINY_GUIDANCE}`;
  if (TINY_ACCELERATORS.some((name) => name === method)) return steps === TINY_STEPS;
  if (method === guided && steps === TINY_SETTINGS.steps) return true;
  return (method === "base" || method === guided) && calls === TINY_STEPS;
}

export const cardTable = (rows: readonly ScoreRow[]): string => scoreTable(scoreLines(rows));

export const readmeTable = (rows: readonly ScoreRow[]): string => scoreTable(scoreLines(rows).filter(isShort));

/** @throws FewstepError `no-place-for-scores` */
export function withTable(document: string, table: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new FewstepError({
      code: "no-place-for-scores",
      message: "a document has no place for the table of scores",
      expected: `${BEGIN} and ${END}`,
    });
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${document.slice(end)}`;
}
