// Everything of @fewstep/core that needs Node: files on disk and the computing child process.
export {
  type AcceleratorCandidate,
  type AcceleratorRecognition,
  recognitionLine,
} from "./accelerators/recognise.js";
export { type GivenFile, type ResolvedAccelerator, resolveAccelerator, variantsNamed } from "./accelerators/resolve.js";
export { openFile } from "./files/open-file.js";
export { type AcceleratedRequest, accelerate, givenFile } from "./generate/accelerate.js";
export { estimateMemory, type MemoryRequest } from "./generate/memory-estimate.js";
export { planFacts } from "./generate/request.js";
export * from "./index.js";
export {
  type AtomicWriteOptions,
  exists,
  outputExists,
  writeFileAtomically,
} from "./platform-node/atomic-write.js";
export { type AvailableMemory, availableMemory } from "./platform-node/available-memory.js";
export {
  type CreatePipelineOptions,
  checkStrength,
  createPipeline,
  type LoraFile,
  strongest,
} from "./platform-node/create-pipeline.js";
export { openFolder } from "./platform-node/disk-folder.js";
export { FileHasher } from "./platform-node/file-hasher.js";
export type { HashedPart } from "./platform-node/hash-cache.js";
export { makeFolder } from "./platform-node/make-folder.js";
export {
  type FolderSettings,
  findModel,
  listModels,
  listPickles,
  type ModelFolders,
  type ModelRole,
  modelFolders,
  type NamedModel,
  pickleFound,
} from "./platform-node/model-folders.js";
export { type EmbeddingFile, openEmbeddings } from "./platform-node/open-embeddings.js";
export { type OpenedLora, type OpenModelOptions, openLora, openModel, openTaesd } from "./platform-node/open-model.js";
export { sharpCodec } from "./platform-node/sharp-codec.js";
export { userFolder } from "./platform-node/user-folders.js";
export { readWildcards } from "./platform-node/wildcards.js";
export { type ChildRuntime, type ChildRuntimeOptions, childRuntime } from "./session/child-runtime.js";
export { foldFile } from "./session/fold-file.js";
