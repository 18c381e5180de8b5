export { type ErrorDetails, type ErrorKind, FewstepError } from "./errors.js";
export { type AdapterFit, fitAdapter, fitNotes } from "./families/adapter-fit.js";
export {
  type Checkpoint,
  familyOf,
  isInpainting,
  openCheckpoint,
  openCheckpointFolder,
  withUnet,
  withVae,
} from "./families/checkpoint.js";
export { type Family, type FamilyId, families } from "./families/family.js";
export { type Parts, partsOf, type TextPart, type UnetPart, type VaePart } from "./families/parts.js";
export { type TaesdPart, taesdPart } from "./families/taesd.js";
export type { ByteRange, FileSource } from "./files/source.js";
export type { ActiveAdapter } from "./generate/adapted-network.js";
export { type GenerateEvent, type Picture, Pipeline, type PipelineOptions, type Stage } from "./generate/pipeline.js";
export { type GeneratePlan, type GenerateRequest, type PlanFacts, planGenerate } from "./generate/request.js";
export { GraphBuilder } from "./graph/builder.js";
export * from "./graph/graph.js";
export { type CompiledGraph, type CompileOptions, compile } from "./graph/onnx/compile.js";
export { CPU, type Dialect, PORTABLE, WEBGPU } from "./graph/onnx/dialect.js";
export type { OpAttributes, OpName } from "./graph/ops/op-attributes.js";
export { broadcast, convolved, outputType, shapeRules } from "./graph/ops/shape-rules.js";
export { type Pixels, type Planes, planesToPixels } from "./image/pixels.js";
export { encodePng } from "./image/png-encode.js";
export { type ClipTextConfig, clipText, clipTextStates } from "./models/clip-text.js";
export { timeFeatures } from "./models/sinusoid.js";
export { type TaesdConfig, taesdDecoder, taesdEncoder } from "./models/taesd.js";
export { type UnetConfig, type UnetShape, unet } from "./models/unet.js";
export { type VaeConfig, vaeDecoder, vaeEncoder } from "./models/vae.js";
export { guided } from "./sampling/guider.js";
export { planSampling, type SamplingOptions } from "./sampling/plan.js";
export { sample } from "./sampling/sample.js";
export type { SamplingPlan, SamplingRow } from "./sampling/sampling-plan.js";
export type { LoadOptions, Runtime, Session } from "./session/session.js";
export type { Tensor, TensorDType, TensorOf } from "./tensor/tensor.js";
export { parseAdapter } from "./weights/adapters/parse.js";
export { readRows } from "./weights/read-rows.js";
export { readTensor, readTensorBytes } from "./weights/read-tensor.js";
export { openSafetensors } from "./weights/safetensors.js";
export { type LazyTensor, type Weights, weightsOf } from "./weights/weights.js";
