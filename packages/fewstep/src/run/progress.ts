// How far a run is, on stderr: a bar that is drawn over itself on a terminal, plain lines elsewhere.

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  /** Something that takes a while begins. */
  stage(text: string): void;
  /** A step ended. */
  step(step: { readonly done: number; readonly of: number; readonly title: string; readonly seconds: number }): void;
  /** A line that stays. */
  line(text: string): void;
  /** Takes the bar away. */
  end(): void;
}

const BAR_WIDTH = 20;
const CLEAR = "\r\u001b[2K";

/** @param total steps of the whole run, over all pictures */
export function createProgress(stream: ProgressStream, total: number): Progress {
  let taken = 0;
  let spent = 0;
  const draw = (text: string) => stream.write(stream.isTTY ? `${CLEAR}${text}` : `${text}\n`);
  const clear = () => {
    if (stream.isTTY) stream.write(CLEAR);
  };
  return {
    stage: draw,
    step({ done, of, title, seconds }) {
      taken += 1;
      spent += seconds;
      const rate = spent / taken;
      const left = `${duration(rate)}/step, ${duration(rate * Math.max(0, total - taken))} left`;
      draw(stream.isTTY ? `${title} ${bar(done / of)} ${done}/${of} ${left}` : `${title}: step ${done}/${of}, ${left}`);
    },
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    end: clear,
  };
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * BAR_WIDTH);
  return `[${"#".repeat(full)}${"-".repeat(BAR_WIDTH - full)}]`;
}

/** 0 s, 0.42 s, 3.4 s, 12 s, 2 min 5 s, 1 h 3 min. */
export function duration(seconds: number): string {
  if (seconds <= 0) return "0 s";
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
