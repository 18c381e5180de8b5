// What `fewstep inspect` says of a file, as data: the fields of --json, to which others may be added but none changed.

export interface PartInspection {
  readonly part: "unet" | "text encoder" | "vae";
  readonly parameters: number;
  /** Stored types and how many parameters each has. */
  readonly dtypes: Readonly<Record<string, number>>;
  /** What the weights' shapes say of the network. */
  readonly config: object;
}

export interface AdapterInspection {
  readonly algorithms: readonly string[];
  readonly spelling: string;
  /** Distinct, ascending. */
  readonly ranks: readonly number[];
  readonly alphas: readonly number[];
  /** Layers acted on. */
  readonly targets: { readonly unet: number; readonly text: number };
  readonly notes: readonly string[];
  /** Why its weights cannot be used, if so. */
  readonly problem?: string;
}

export interface Inspection {
  readonly path?: string;
  readonly name: string;
  readonly bytes: number;
  readonly kind: string;
  readonly title: string;
  readonly family?: string;
  /** The tensor that decided what the file is. */
  readonly evidence?: string;
  /** What to do with a file that cannot be used. */
  readonly remedy?: string;
  readonly tensors?: number;
  readonly parameters?: number;
  readonly dtypes?: Readonly<Record<string, number>>;
  readonly parts?: readonly PartInspection[];
  /** Why a checkpoint cannot be used as it is. */
  readonly incomplete?: string;
  readonly prediction?: { readonly type: string; readonly evidence: string };
  readonly zeroTerminalSnr?: boolean;
  readonly adapter?: AdapterInspection;
  /** Which accelerator it is, with the reasons. */
  readonly accelerator?: { readonly candidates: readonly string[]; readonly line: string };
  readonly unclaimed?: { readonly count: number; readonly first: readonly string[] };
  readonly ignored?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}
