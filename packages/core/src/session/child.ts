// The child process that holds ONNX Runtime: it may crash, be killed or run out of memory without harm to its parent.
// run() blocks its event loop, so the only way to stop it is to end the process.
import * as ort from "onnxruntime-node";
import type { Tensor } from "../tensor/tensor.js";
import { runSession, sessionOptions } from "./ort-runtime.js";
import type { ChildReply, ChildRequest, CreateRequest, RunRequest } from "./protocol.js";

const sessions = new Map<number, ort.InferenceSession>();

/** ONNX Runtime would take the CPU in silence where a device is not in its build. */
function missingDevice({ device }: CreateRequest): readonly string[] | undefined {
  const devices = ort.listSupportedBackends().map(({ name }) => name);
  return devices.includes(device) ? undefined : devices;
}

async function create(request: CreateRequest): Promise<void> {
  const session = await ort.InferenceSession.create(request.model, {
    ...sessionOptions(request.device, { model_external_initializers_file_folder_path: request.root }),
    intraOpNumThreads: request.threads,
    interOpNumThreads: 1,
  });
  sessions.set(request.id, session);
}

async function run(request: RunRequest): Promise<ChildReply & { ok: true }> {
  const session = sessions.get(request.session);
  if (session === undefined) throw new Error(`no session ${request.session}`);
  const { outputs, seconds } = await runSession(ort, session, request.feeds as Readonly<Record<string, Tensor>>);
  return { id: request.id, ok: true, seconds, outputs };
}

async function answer(request: ChildRequest): Promise<ChildReply> {
  const start = performance.now();
  switch (request.kind) {
    case "create": {
      const devices = missingDevice(request);
      if (devices !== undefined) return { id: request.id, ok: false, message: `no ${request.device}`, devices };
      await create(request);
      return { id: request.id, ok: true, seconds: (performance.now() - start) / 1000 };
    }
    case "run":
      return run(request);
    case "release":
      await sessions.get(request.session)?.release();
      sessions.delete(request.session);
      return { id: request.id, ok: true, seconds: (performance.now() - start) / 1000 };
    default:
      return request satisfies never;
  }
}

process.on("message", async (request: ChildRequest) => {
  let reply: ChildReply;
  try {
    reply = await answer(request);
  } catch (error) {
    reply = { id: request.id, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  process.send!(reply);
});
// an orphan must not go on computing
process.on("disconnect", () => process.exit(0));
// the parent decides what an interrupt means
process.on("SIGINT", () => {});
