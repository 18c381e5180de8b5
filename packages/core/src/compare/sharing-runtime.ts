// A runtime that lets many pipelines share what is equal: a graph loaded with the same weights is one session, given back instead of thrown
// away, and a text encoding that was computed is not computed again. Wraps any Runtime; pipelines need not know.
import type { Graph } from "../graph/graph.js";
import type { LoadOptions, RunOptions, Runtime, Session } from "../session/session.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Weights } from "../weights/weights.js";

export interface SharingOptions {
  /** Sessions kept though nobody uses them; default 8. Each holds its activations' memory; weights are mapped from the user's files. */
  readonly idle?: number;
  /** Text encodings kept; default 1000 (a prompt is 0.2 to 0.9 MB). */
  readonly texts?: number;
}

type Outputs = Readonly<Record<string, Tensor>>;
type Feeds = Readonly<Record<string, Tensor>>;

interface Pooled {
  readonly key: string;
  readonly session: Session;
  users: number;
  /** Encodings by what they were computed from; undefined for networks whose inputs do not repeat. */
  readonly known: Map<string, Outputs> | undefined;
}

/** What only text encoders take. */
const TEXT_INPUT = "embedded";

export class SharingRuntime implements Runtime {
  private readonly pool: Pooled[] = [];
  private readonly idle: number;
  private readonly texts: number;
  /** Sessions asked for, and those that had to be made. */
  readonly counts = { loads: 0, created: 0, texts: 0, encoded: 0 };

  constructor(
    private readonly inner: Runtime,
    { idle = 8, texts = 1000 }: SharingOptions = {},
  ) {
    this.idle = idle;
    this.texts = texts;
  }

  get device(): string {
    return this.inner.device;
  }

  async load(graph: Graph, weights: Weights, options: LoadOptions = {}): Promise<Session> {
    this.counts.loads += 1;
    const key = sessionKey(graph, weights, options);
    const held = this.pool.find((one) => one.key === key);
    if (held !== undefined) {
      held.users += 1;
      return this.view(held, 0);
    }
    await this.makeRoom();
    const session = await this.inner.load(graph, weights, options);
    this.counts.created += 1;
    const isText = graph.inputs.some(({ id }) => id === TEXT_INPUT);
    const pooled: Pooled = { key, session, users: 1, known: isText ? new Map<string, Outputs>() : undefined };
    this.pool.push(pooled);
    return this.view(pooled, session.createSeconds);
  }

  async dispose(): Promise<void> {
    this.pool.length = 0;
    await this.inner.dispose();
  }

  /** Forgets every session: the computing process is gone. */
  forget(): void {
    this.pool.length = 0;
  }

  /** The one that was idle longest goes first. */
  private async makeRoom(): Promise<void> {
    for (let spare = this.pool.filter(({ users }) => users === 0); spare.length > this.idle; spare = spare.slice(1)) {
      this.pool.splice(this.pool.indexOf(spare[0]!), 1);
      await spare[0]!.session.dispose();
    }
  }

  /** One pipeline's use of a session, with its own count of seconds. */
  private view(pooled: Pooled, createSeconds: number): Session {
    const { session } = pooled;
    let runSeconds = 0;
    let disposed = false;
    return {
      graph: session.graph,
      createSeconds,
      get runSeconds() {
        return runSeconds;
      },
      run: async (feeds, options) => {
        const before = session.runSeconds;
        const outputs = await this.run(pooled, feeds, options);
        runSeconds += session.runSeconds - before;
        return outputs;
      },
      dispose: async () => {
        if (disposed) return;
        disposed = true;
        pooled.users -= 1;
        // to the end of the queue: it was used last
        const at = this.pool.indexOf(pooled);
        if (at >= 0) this.pool.push(...this.pool.splice(at, 1));
        await this.makeRoom();
      },
    };
  }

  private async run({ session, known }: Pooled, feeds: Feeds, options?: RunOptions): Promise<Outputs> {
    if (known === undefined) return session.run(feeds, options);
    this.counts.texts += 1;
    const key = feedsKey(feeds);
    const before = known.get(key);
    if (before !== undefined) return before;
    const outputs = await session.run(feeds, options);
    this.counts.encoded += 1;
    if (known.size >= this.texts) known.delete(known.keys().next().value!);
    known.set(key, outputs);
    return outputs;
  }
}

/** The graph's structure and where its weights lie: equal keys compute the same. */
function sessionKey(
  { name, inputs, outputs, nodes, constants, weights: needed }: Graph,
  weights: Weights,
  options: LoadOptions,
): string {
  const places = needed.map(({ id }) => {
    const tensor = weights.get(id);
    return [id, tensor?.file.path ?? tensor?.file.name, tensor?.offset, tensor?.dtype];
  });
  const structure = [
    name,
    inputs,
    outputs,
    nodes.map(({ op, inputs: from, output, attributes }) => [op, from.map((value) => value?.id), output, attributes]),
    // as text: JSON has no 64-bit integers
    constants.map(({ id, data }) => [id, Array.from(data, String)]),
  ];
  return JSON.stringify([structure, places, options.casts ?? "early"]);
}

/** All values, as text: a few hundred kilobytes a prompt, and never the wrong encoding. */
function feedsKey(feeds: Feeds): string {
  return Object.entries(feeds)
    .map(
      ([name, { data, shape }]) =>
        `${name} ${shape.join("x")} ${latin(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))}`,
    )
    .join("\n");
}

function latin(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}
