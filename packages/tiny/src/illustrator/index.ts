// The illustrator's entry for Node: everything of the pure part, and the drawing of pixels and training data.

export { type DatasetFile, type DatasetOptions, datasetFiles, drawDataset, type Sample, sampleOf } from "./dataset.js";
export * from "./pure.js";
export { renderPng, renderScene } from "./render.js";
