// An accelerator asked for by name, on a request: which of the given files it is, and what its publisher's settings make of the request.
import type { AcceleratorVariant } from "../accelerators/accelerator.js";
import { applyAccelerator, type GivenSettings } from "../accelerators/apply.js";
import { acceleratorFileFacts } from "../accelerators/file-facts.js";
import type { FileHashes } from "../accelerators/hash-file.js";
import { recogniseAccelerator } from "../accelerators/recognise.js";
import type { GivenFile } from "../accelerators/resolve.js";
import type { RecognisedFile } from "../families/recognise-file.js";
import type { FileSource } from "../files/source.js";
import type { Adapter } from "../weights/adapters/adapter.js";
import type { GenerateRequest } from "./request.js";

export interface AcceleratedRequest {
  readonly request: GenerateRequest;
  /** Of the accelerator's LoRA. */
  readonly loraStrength: number;
  /** What was filled in, and why. */
  readonly line: string;
}

/** A file as resolveAccelerator wants it; undefined where it is nothing that an accelerator can be. */
export function givenFile(
  source: FileSource,
  recognised: RecognisedFile,
  adapter?: Adapter,
  hashes?: FileHashes,
): GivenFile | undefined {
  const facts = acceleratorFileFacts(source, recognised, adapter, hashes);
  return facts && { name: source.name, form: facts.form, recognition: recogniseAccelerator(facts) };
}

/** Fills what the request leaves open. `loraStrength`: what the user said of it, if anything. */
export function accelerate(
  variant: AcceleratorVariant,
  request: GenerateRequest,
  loraStrength?: number,
): AcceleratedRequest {
  const { width, height, guidance } = request;
  const given: GivenSettings = {
    ...request.sampling,
    ...(guidance === undefined ? {} : { guidance }),
    ...(loraStrength === undefined ? {} : { loraStrength }),
    ...(width === undefined || height === undefined ? {} : { size: { width, height } }),
  };
  const applied = applyAccelerator(variant, given);
  const { guidance: filled, noise: _noise, ...sampling } = applied.sampling;
  // a UNet with a guidance embedding is given the request's guidance as that input
  const scale = guidance ?? applied.guidanceInput ?? filled;
  // sides that are not asked for follow a picture to start from
  const usual = request.init === undefined ? applied.size : undefined;
  const sides = { ...usual, ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
  return {
    request: { ...request, ...sides, sampling, ...(scale === undefined ? {} : { guidance: scale }) },
    loraStrength: applied.loraStrength,
    line: applied.line,
  };
}
