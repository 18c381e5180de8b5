// How far a job of countable parts is, on stderr: nothing in its first second, then at most a line a second on a terminal, and elsewhere
// one for each tenth.
import { duration, type ProgressStream } from "./progress.js";

export interface CountProgress {
  at(done: number, of: number): void;
  /** Takes the line away. */
  end(): void;
}

const CLEAR = "\r\u001b[2K";
const TENTHS = 10;

/** @param now milliseconds */
export function createCountProgress(
  stream: ProgressStream,
  title: string,
  now: () => number = () => performance.now(),
): CountProgress {
  const began = now();
  let shown = began;
  let tenth = 0;
  return {
    at(done, of) {
      const time = now();
      const reached = Math.floor((TENTHS * done) / of);
      if (time - shown < 1000 || done >= of || (!stream.isTTY && reached === tenth)) return;
      [shown, tenth] = [time, reached];
      const left = ((time - began) / 1000) * (of / Math.max(done, 1e-9) - 1);
      const text = `${title}: ${Math.floor((100 * done) / of)} %${done > 0 ? `, ${duration(left)} left` : ""}`;
      stream.write(stream.isTTY ? `${CLEAR}${text}` : `${text}\n`);
    },
    end() {
      if (stream.isTTY) stream.write(CLEAR);
    },
  };
}
