// How far a comparison is, on stderr: what it will cost, a line a cell, and the time left over the whole.
import { sharedLines } from "@fewstep/core";
import { duration, type ProgressStream } from "../run/progress.js";
import type { ComparisonEvent } from "./run-comparison.js";

export interface ComparisonProgress {
  show(event: ComparisonEvent): void;
  end(): void;
}

const CLEAR = "\r\u001b[2K";

export function createComparisonProgress(stream: ProgressStream): ComparisonProgress {
  let total = 0;
  let made = 0;
  let left: number | undefined;
  const line = (text: string) => stream.write(stream.isTTY ? `${CLEAR}${text}\n` : `${text}\n`);
  const bar = (text: string) => stream.isTTY && stream.write(`${CLEAR}${text}`);
  const remaining = () => (left === undefined ? "" : `, ${duration(left)} left`);
  return {
    show(event) {
      switch (event.kind) {
        case "note":
          line(event.text);
          return;
        case "planned": {
          const { cells, done, shared, cost } = event;
          total = cells - done;
          left = cost?.seconds;
          line(`${cells} pictures, ${done} of them done`);
          for (const text of sharedLines({ cells: [], shared })) line(`  ${text}`);
          if (cost !== undefined && total > 0) {
            const guess = cost.guessed === 0 ? "" : `, ${cost.guessed} of them guessed from other sizes`;
            line(`about ${duration(cost.seconds)} for ${total} pictures and ${cost.calls} network calls${guess}`);
          }
          return;
        }
        case "step":
          bar(
            `[${made + 1}/${total}] ${event.cell.settings.accelerator}: step ${event.index + 1}/${event.of}${remaining()}`,
          );
          return;
        case "cell": {
          const { record, cell } = event;
          ({ made, left } = event);
          const { accelerator, steps, seed } = cell.settings;
          const result =
            record.status === "done" ? duration(record.timings?.total ?? 0) : `failed: ${record.error?.message ?? ""}`;
          line(`[${made}/${event.of}] ${accelerator}, ${steps} steps, seed ${seed}: ${result}${remaining()}`);
          return;
        }
        case "scoring":
          bar(`scoring ${event.done}/${event.of}`);
          return;
        default:
          event satisfies never;
      }
    },
    end: () => void (stream.isTTY && stream.write(CLEAR)),
  };
}
