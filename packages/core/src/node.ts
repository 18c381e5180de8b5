// Everything of @fewstep/core that needs Node: files on disk and the computing child process.
export { openFile } from "./files/open-file.js";
export { foldFile } from "./session/fold-file.js";
export { type ChildRuntime, type ChildRuntimeOptions, childRuntime } from "./session/child-runtime.js";
