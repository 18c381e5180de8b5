// Element types as stored in files and fed to runtimes, as one table. No conversion here: see half.ts and convert.ts.
// The file names and their order are those of the safetensors format (the order decides the layout its writer produces).

/** [dtype, name in a safetensors header, bits of one element], in the order of the format's own list. */
const DTYPES = [
  ["bool", "BOOL", 8],
  ["f4", "F4", 4],
  ["f6e2m3", "F6_E2M3", 6],
  ["f6e3m2", "F6_E3M2", 6],
  ["u8", "U8", 8],
  ["i8", "I8", 8],
  ["f8e5m2", "F8_E5M2", 8],
  ["f8e4m3", "F8_E4M3", 8],
  ["f8e8m0", "F8_E8M0", 8],
  ["f8e4m3fnuz", "F8_E4M3FNUZ", 8],
  ["f8e5m2fnuz", "F8_E5M2FNUZ", 8],
  ["i16", "I16", 16],
  ["u16", "U16", 16],
  ["f16", "F16", 16],
  ["bf16", "BF16", 16],
  ["i32", "I32", 32],
  ["u32", "U32", 32],
  ["f32", "F32", 32],
  ["c64", "C64", 64],
  ["f64", "F64", 64],
  ["i64", "I64", 64],
  ["u64", "U64", 64],
] as const;

export type DType = (typeof DTYPES)[number][0];

const BITS: ReadonlyMap<DType, number> = new Map(DTYPES.map(([dtype, , bits]) => [dtype, bits]));
const FILE_NAMES: ReadonlyMap<DType, string> = new Map(DTYPES.map(([dtype, name]) => [dtype, name]));
const BY_FILE_NAME: ReadonlyMap<string, DType> = new Map(DTYPES.map(([dtype, name]) => [name, dtype]));
const RANKS: ReadonlyMap<DType, number> = new Map(DTYPES.map(([dtype], rank) => [dtype, rank]));

/** Bits of one element; 4 and 6 for the packed types. */
export function bitsOf(dtype: DType): number {
  return BITS.get(dtype) as number;
}

/** The name a safetensors header uses, such as `F8_E4M3`. */
export function safetensorsName(dtype: DType): string {
  return FILE_NAMES.get(dtype) as string;
}

/** The dtype of a name in a safetensors header; undefined for a name the format does not have. */
export function dtypeOfSafetensors(name: string): DType | undefined {
  return BY_FILE_NAME.get(name);
}

/** Place in the format's own list; its writer lays tensors out by this, descending, so that every tensor is aligned. */
export function layoutRank(dtype: DType): number {
  return RANKS.get(dtype) as number;
}
