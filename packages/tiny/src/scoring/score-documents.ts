// The tables in documents, computed from the committed rows: all lines in the model card, those at equal network calls in the README.
// They stand between two comments, which stay.
import { FewstepError } from "@fewstep/core";
import { TINY_ACCELERATORS, TINY_GUIDANCE, TINY_SETTINGS, TINY_STEPS } from "../own-settings.js";
import { attributeTable } from "./attribute-table.js";
import type { ScoreRow } from "./rows.js";
import { type ScoreLine, scoreLines, scoreTable } from "./score-table.js";

/** The names of places for tables, each between two comments. */
export type Place = "scores" | "attributes";

const COMMAND = "npm run score:tiny -- --write";
const begin = (place: Place): string => `<!-- ${place}: ${COMMAND} -->`;
const end = (place: Place): string => `<!-- end of ${place} -->`;

/** The accelerators at their steps, the base at as many network calls without guidance and with, and at its usual settings. */
function isShort({ method, steps, calls }: Pick<ScoreLine, "method" | "steps" | "calls">): boolean {
  const guided = `base cfg ${TINY_GUIDANCE}`;
  if (TINY_ACCELERATORS.some((name) => name === method)) return steps === TINY_STEPS;
  if (method === guided && steps === TINY_SETTINGS.steps) return true;
  return (method === "base" || method === guided) && calls === TINY_STEPS;
}

export const cardTable = (rows: readonly ScoreRow[]): string => scoreTable(scoreLines(rows));

export const readmeTable = (rows: readonly ScoreRow[]): string => scoreTable(scoreLines(rows).filter(isShort));

/** By attribute, of the README's methods. */
export const cardAttributes = (rows: readonly ScoreRow[]): string => attributeTable(rows.filter(isShort));

/** @throws FewstepError `no-place-for-scores` */
export function withTable(document: string, table: string, place: Place = "scores"): string {
  const [from, to] = [document.indexOf(begin(place)), document.indexOf(end(place))];
  if (from < 0 || to < from)
    throw new FewstepError({
      code: "no-place-for-scores",
      message: "a document has no place for the table of scores",
      expected: `${begin(place)} and ${end(place)}`,
    });
  return `${document.slice(0, from + begin(place).length)}\n\n${table}\n\n${document.slice(to)}`;
}
