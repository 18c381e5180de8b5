// The two streams: stdout for results or JSON and nothing else, stderr for everything said meanwhile.

export interface Output {
  readonly json: boolean;
  /** A result: a line of text, or of JSON under --json. */
  result(text: string, json: unknown): void;
  /** Something worth knowing that changes nothing. */
  note(text: string): void;
}

export function processOutput(json: boolean): Output {
  return {
    json,
    result: (text, value) => void process.stdout.write(`${json ? JSON.stringify(value) : text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
  };
}
