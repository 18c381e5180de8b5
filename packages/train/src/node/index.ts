// What needs Node: the runner over onnxruntime-node and a training run's folder.

export { type BucketOptions, bucketedPictures, type FolderOptions, folderPictures } from "./folder-pictures.js";
export { folderStore, LOG_FILE, STATE_FILE, writeWhole } from "./folder-store.js";
export { type CachedLatentsOptions, cachedLatents } from "./latent-cache.js";
export { type OrtRunnerOptions, ortRunner } from "./ort-runner.js";
export { type CachedTextStatesOptions, cachedTextStates } from "./text-state-cache.js";
