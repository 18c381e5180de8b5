// Reads where ONNX Runtime placed the nodes of its sessions out of its verbose log.

/** Nodes by execution provider. */
export type Placement = Readonly<Record<string, number>>;

const PLACED = /placed on \[(\w+)ExecutionProvider\]\. Number of nodes: (\d+)/;

/** @param lines of the log in order; one placement a session */
export function placementsOf(lines: readonly string[]): readonly Placement[] {
  const sessions: Record<string, number>[] = [];
  for (const line of lines) {
    if (line.includes("Node placements")) sessions.push({});
    const [, provider, count] = PLACED.exec(line) ?? [];
    if (provider !== undefined) sessions.at(-1)![provider] = Number(count);
  }
  return sessions;
}
