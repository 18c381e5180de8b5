// How training goes, on stderr: loss, seconds an iteration and what is left; drawn over itself on a terminal, now and then elsewhere.
import type { LogLine } from "@fewstep/train";
import { duration, type ProgressStream } from "../run/progress.js";

const CLEAR = "\r\u001b[2K";
/** Seconds between lines where the stream is no terminal. */
const BETWEEN_LINES = 10;
/** Weight of the newest line in the averages shown. */
const NEWEST = 0.05;

export interface TrainingProgress {
  stage(text: string, done: number, of: number): void;
  iteration(line: LogLine): void;
  note(text: string): void;
}

/** @param now milliseconds; a parameter for tests */
export function trainingProgress(
  stream: ProgressStream,
  total: number,
  now = () => performance.now(),
): TrainingProgress {
  let loss: number | undefined;
  let rate: number | undefined;
  let shown = Number.NEGATIVE_INFINITY;
  const smooth = (average: number | undefined, value: number) =>
    average === undefined ? value : average + NEWEST * (value - average);
  const draw = (text: string, last: boolean) => {
    if (stream.isTTY) stream.write(`${CLEAR}${text}${last ? "\n" : ""}`);
    else if (last || now() - shown >= 1000 * BETWEEN_LINES) {
      shown = now();
      stream.write(`${text}\n`);
    }
  };
  return {
    stage: (text, done, of) => draw(`${text}: ${done} of ${of}`, done === of),
    iteration({ iteration, seconds, metrics }) {
      loss = smooth(loss, metrics.loss!);
      rate = smooth(rate, seconds);
      const left = duration(rate * (total - iteration));
      const psnr = metrics.psnr === undefined ? "" : `, ${metrics.psnr.toFixed(1)} dB`;
      draw(
        `iteration ${iteration} of ${total}: loss ${loss.toPrecision(4)}${psnr}, ${rate.toPrecision(3)} s/it, ${left} left`,
        iteration === total,
      );
    },
    note(text) {
      stream.write(`${stream.isTTY ? CLEAR : ""}${text}\n`);
    },
  };
}
