// Everything of @fewstep/core that needs a browser: the runtime over onnxruntime-web, which the page imports and hands over.
export * from "./index.js";
export type { ProbeCheck, ProbeReport } from "./session/probe.js";
export {
  type WebDevice,
  type WebOrtModule,
  type WebRuntime,
  type WebRuntimeOptions,
  webRuntime,
} from "./session/web-runtime.js";
