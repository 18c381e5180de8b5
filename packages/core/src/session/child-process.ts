// One computing child process: requests out, replies in, and an error that explains when it dies.
import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { FewstepError, interrupted } from "../errors.js";
import { runtimeError } from "./ort-runtime.js";
import type { ChildReply, ChildRequest } from "./protocol.js";

type Success = ChildReply & { readonly ok: true };
type Unnumbered<T> = T extends ChildRequest ? Omit<T, "id"> : never;

interface Waiting {
  readonly resolve: (reply: Success) => void;
  readonly reject: (error: Error) => void;
}

export class ComputeProcess {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;
  private ended: FewstepError | undefined;

  constructor() {
    const entry = createRequire(import.meta.url).resolve("@fewstep/core/session-child");
    this.child = fork(entry, [], {
      serialization: "advanced",
      execArgv: [],
      // ONNX Runtime 1.30 reports its use to Microsoft, and leaves a device id and logs behind, unless it is told not to
      env: { ...process.env, ORT_DISABLE_TELEMETRY: "1" },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let complaints = "";
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      complaints = (complaints + text).slice(-2000);
    });
    this.child.on("message", (reply: ChildReply) => {
      const waiting = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if (reply.ok) waiting?.resolve(reply);
      else waiting?.reject(reply.devices === undefined ? runtimeError(reply.message) : deviceMissing(reply.devices));
    });
    this.child.on("exit", (code, signal) => this.end(deathOf(code, signal, complaints)));
    this.child.on("error", (cause) =>
      this.end(
        new FewstepError({
          code: "runtime-start",
          kind: "failed",
          message: "the computing process did not start",
          cause,
        }),
      ),
    );
    this.child.unref();
    this.child.channel?.unref();
    (this.child.stderr as unknown as { unref?: () => void }).unref?.();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get alive(): boolean {
    return this.ended === undefined;
  }

  /** Sends a request; `signal` ends the whole process, for nothing else stops a computation. */
  async ask(request: Unnumbered<ChildRequest>, signal?: AbortSignal): Promise<Success & { readonly id: number }> {
    if (signal?.aborted) throw interrupted();
    if (this.ended !== undefined) throw this.ended;
    const id = this.next++;
    const stop = () => this.end(interrupted());
    signal?.addEventListener("abort", stop, { once: true });
    this.child.ref();
    this.child.channel?.ref();
    try {
      return await new Promise<Success>((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        this.child.send({ ...request, id }, (error) => error && reject(this.ended ?? runtimeError(error.message)));
      });
    } finally {
      signal?.removeEventListener("abort", stop);
      if (this.waiting.size === 0) {
        this.child.unref();
        this.child.channel?.unref();
      }
    }
  }

  /** Resolves when the process is gone and its memory is free. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.ref();
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.kill();
    await gone;
  }

  /** Ends the process and does not wait for the system to free its memory. */
  kill(): void {
    this.end(new FewstepError({ code: "runtime-disposed", kind: "failed", message: "the runtime was disposed" }));
  }

  private end(reason: FewstepError): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    // SIGKILL: a process inside a native computation answers nothing else at once
    this.child.kill("SIGKILL");
    for (const { reject } of this.waiting.values()) reject(reason);
    this.waiting.clear();
  }
}

function deviceMissing(devices: readonly string[]): FewstepError {
  return new FewstepError({
    code: "device-missing",
    message: "ONNX Runtime has no such device here",
    expected: devices.join(", "),
    hint: "choose another, or install onnxruntime-node with the device's libraries",
  });
}

function deathOf(code: number | null, signal: NodeJS.Signals | null, complaints: string): FewstepError {
  const how = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
  const hint =
    signal === "SIGKILL"
      ? "most likely the memory ran out: try a smaller size, --taesd, or fewer pictures at once"
      : signal === "SIGBUS"
        ? "a model file changed or shrank while it was in use: leave files alone while fewstep runs"
        : "run again; if it repeats, report the command and this message";
  return new FewstepError({
    code: "runtime-crashed",
    kind: "failed",
    message: "the computing process died",
    found: complaints.trim() === "" ? how : `${how}; it said: ${complaints.trim()}`,
    hint,
  });
}
