// Messages between the process that plans and the child process that computes.
import type { TensorDType, TypedArray } from "../tensor/tensor.js";
import type { Device } from "./ort-runtime.js";

export interface WireTensor {
  readonly dtype: TensorDType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

export interface CreateRequest {
  readonly kind: "create";
  readonly id: number;
  readonly model: Uint8Array;
  /** Folder that external data locations are relative to. */
  readonly root: string;
  readonly device: Device;
  readonly threads: number;
}

export interface RunRequest {
  readonly kind: "run";
  readonly id: number;
  readonly session: number;
  readonly feeds: Readonly<Record<string, WireTensor>>;
}

export interface ReleaseRequest {
  readonly kind: "release";
  readonly id: number;
  readonly session: number;
}

export type ChildRequest = CreateRequest | RunRequest | ReleaseRequest;

export type ChildReply =
  | {
      readonly id: number;
      readonly ok: true;
      readonly seconds: number;
      readonly outputs?: Readonly<Record<string, WireTensor>>;
    }
  | {
      readonly id: number;
      readonly ok: false;
      readonly message: string;
      /** Set where the device asked for is not to be had: the names of those that are. */
      readonly devices?: readonly string[];
    };
