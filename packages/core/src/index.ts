// The public names of @fewstep/core: everything that needs no platform. Node's and the browser's own parts: ./node and ./web.

// accelerators
export * from "./accelerators/public.js";
// comparisons
export * from "./compare/public.js";
// errors, tensors, files
export { type ErrorDetails, type ErrorKind, FewstepError, interrupted } from "./errors.js";
// families
export { adapterBlocks, type BlockFactors } from "./families/adapter-blocks.js";
export { type ActiveAdapter, type AdapterFit, adapterOnNetwork, fitAdapter, fitNotes } from "./families/adapter-fit.js";
export type { NetworkId } from "./families/adapter-names.js";
export {
  type Checkpoint,
  familyOf,
  isInpainting,
  openCheckpoint,
  openCheckpointFolder,
  withUnet,
  withVae,
} from "./families/checkpoint.js";
export { type ClipPart, clipPart } from "./families/clip.js";
export { type Family, type FamilyId, families } from "./families/family.js";
export { FOREIGN } from "./families/foreign.js";
export { ldmUnetNames, ldmVaeName } from "./families/ldm-names.js";
export { type Parts, partsOf, type TextPart, type UnetPart, type VaePart } from "./families/parts.js";
export {
  type Recognised,
  type RecognisedFile,
  recogniseFile,
  recogniseWeights,
  requireKind,
} from "./families/recognise-file.js";
export { type TaesdPart, taesdPart } from "./families/taesd.js";
export { type InversionVectors, openTextualInversion } from "./families/textual-inversion.js";
export { containerOf } from "./files/container.js";
export type { Folder } from "./files/folder.js";
export type { ByteRange, FileSource } from "./files/source.js";
// pictures from prompts
export type { AdapterForm } from "./generate/adapted-network.js";
export { type GenerateEvent, type Picture, Pipeline, type PipelineOptions, type Stage } from "./generate/pipeline.js";
export { type PlanDifference, planDifferences, planSwitches } from "./generate/plan-difference.js";
export { readPlan, type StoredPlan } from "./generate/read-plan.js";
export { type GeneratePlan, type GenerateRequest, type PlanFacts, planGenerate } from "./generate/request.js";
export { type RequestOfSettings, requestOfSettings } from "./generate/settings-request.js";
export { likeTool, type ToolHabits, type ToolName, toolHabits, toolNames } from "./generate/tool-habits.js";
// graphs
export { GraphBuilder } from "./graph/builder.js";
export * from "./graph/graph.js";
export { type CastPolicy, type CompiledGraph, type CompileOptions, compile } from "./graph/onnx/compile.js";
export { CPU, type Dialect, PORTABLE, WEBGPU } from "./graph/onnx/dialect.js";
export type { OpAttributes, OpName } from "./graph/ops/op-attributes.js";
export { broadcast, convolved, outputType, shapeRules } from "./graph/ops/shape-rules.js";
export { withAdapterBranches } from "./graph/passes/adapter-branches.js";
export { foldAdapters } from "./graph/passes/adapter-fold.js";
export { type NetworkAdapter, strengthInput } from "./graph/passes/adapter-parts.js";
export { type FoldSink, memorySink } from "./graph/passes/fold-sink.js";
export { withNormalizedAttentionGuidance } from "./graph/passes/normalized-attention-guidance.js";
export { type SeamlessAxes, withSeamlessTiling } from "./graph/passes/seamless.js";
export { blurMask } from "./image/blur-mask.js";
// pictures
export { DEFAULT_QUALITY, decodePicture, encodePicture, type ImageCodec } from "./image/codec.js";
export { EXIF_BYTES, type ExifTexts, writeExif } from "./image/exif-write.js";
export { LATENT_FORMATS } from "./image/latent-format.js";
export { type Mask, maskFromAlpha, maskFromGrey } from "./image/mask.js";
export { writeA1111 } from "./image/metadata/a1111-write.js";
export { readComfyWorkflow } from "./image/metadata/comfyui.js";
export { writeComfyPrompt } from "./image/metadata/comfyui-write.js";
export { FEWSTEP_KEY, type PictureCoding, readFewstepText, writeFewstepText } from "./image/metadata/fewstep.js";
export { type PictureMetadata, readMetadata } from "./image/metadata/read-metadata.js";
export type { MetadataTool, PictureSettings, UsedLora } from "./image/metadata/settings.js";
export {
  checkForms,
  type WritableTool,
  type WrittenText,
  writableTools,
  writeMetadata,
} from "./image/metadata/write-metadata.js";
export { type Pixels, type Planes, pixelsToPlanes, planesToPixels } from "./image/pixels.js";
export { decodePng } from "./image/png-decode.js";
export { encodePng } from "./image/png-encode.js";
export { previewLatents } from "./image/preview.js";
export { type ResizeFilter, resize } from "./image/resize.js";
export { composeSheet, type Sheet } from "./image/sheet.js";
export type { PictureFormat } from "./image/sniff.js";
export type { TextEntry } from "./image/text-entry.js";
// checkpoints and adapters made of one another
export { type BakeDType, type BakedFile, type BakeOptions, bakeCheckpoint } from "./merge/bake.js";
export { type ExtractedLayer, type ExtractedLora, type ExtractOptions, extractLora } from "./merge/extract.js";
export type { RankWish } from "./merge/extract-layer.js";
// networks
export { type ClipTextConfig, clipText, clipTextStates } from "./models/clip-text.js";
export { timeFeatures } from "./models/sinusoid.js";
export { type TaesdConfig, taesdDecoder, taesdEncoder } from "./models/taesd.js";
export { type UnetConfig, type UnetLevel, type UnetShape, unet } from "./models/unet.js";
export { type VaeConfig, vaeDecoder, vaeEncoder } from "./models/vae.js";
// sampling
export * from "./sampling/public.js";
// runtimes
export type { LoadOptions, Runtime, Session } from "./session/session.js";
export { fromFloat32, toFloat32 } from "./tensor/convert.js";
export { bitsOf, type DType } from "./tensor/dtype.js";
export { elementCount } from "./tensor/shape.js";
export type { Tensor, TensorDType, TensorOf } from "./tensor/tensor.js";
// text
export { parseA1111Attention } from "./text/attention-a1111.js";
export { parseComfyuiAttention } from "./text/attention-comfyui.js";
export { type ChoiceOptions, choiceSeed, expandChoices } from "./text/choices.js";
export { type Chunk, type ChunkShape, CLIP_SHAPE, type TokenPart, truncatedChunk } from "./text/chunk.js";
export { a1111Chunks } from "./text/chunks-a1111.js";
export { comfyuiChunks } from "./text/chunks-comfyui.js";
export { CLIP_IDS, loadClipTokenizer, type Tokenizer, type TokenizerOptions } from "./text/clip-tokenizer.js";
export { type ClipVocabulary, clipVocabulary } from "./text/clip-vocabulary.js";
export { type CompelMember, parseCompel } from "./text/compel-syntax.js";
export { compelWindow } from "./text/compel-window.js";
export { splitComposition } from "./text/composition.js";
export { extractNetworks, type NetworkTag } from "./text/networks.js";
export { type PromptOptions, parsePrompt } from "./text/parse-prompt.js";
export type { PromptGrammar, PromptNote, PromptPlan } from "./text/prompt-plan.js";
export { type ScheduledText, scheduleTexts } from "./text/schedule.js";
export type { WeightedText } from "./text/weighted-text.js";
export {
  interpolateRows,
  mixStates,
  type States,
  scaleRows,
  scaleRowsKeepMean,
  type Weighting,
  weightStates,
} from "./text/weighting.js";
// weights and adapters
export type { Adapter, AdapterRequest, Delta, PlacedDelta } from "./weights/adapters/adapter.js";
export { parseAdapter } from "./weights/adapters/parse.js";
export { readRows } from "./weights/read-rows.js";
export { readTensor, readTensorBytes, tensorChunks } from "./weights/read-tensor.js";
export { openSafetensors, type SafetensorsFile } from "./weights/safetensors.js";
export { SAFETENSORS_ERRORS, type SafetensorsErrorCode } from "./weights/safetensors-errors.js";
export { layoutSafetensors, markerTensor, type TensorToWrite, writeSafetensors } from "./weights/safetensors-writer.js";
export { scanTensor, type TensorScan } from "./weights/scan-tensor.js";
export { entriesOf, overlay, rename, stripPrefix, subset } from "./weights/views.js";
export { type LazyTensor, type Weights, weightsOf } from "./weights/weights.js";
