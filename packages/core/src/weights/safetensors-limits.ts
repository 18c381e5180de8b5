// Named limits of the safetensors reader: each with the largest real value known and the attack it refuses.

/** The format's own limit. Real headers reach about 1 MB (video models); refuses a length field that would allocate 2^63 bytes. */
export const MAX_HEADER_BYTES = 100_000_000;

/** A full SDXL checkpoint has 2,600 tensors, the largest mixtures of experts about 50,000; refuses headers of millions of tiny entries. */
export const MAX_TENSORS = 200_000;

/** Real names reach about 160 characters; refuses names of megabytes that end up in every message and table. */
export const MAX_TENSOR_NAME_LENGTH = 1_024;

/** Convolutions over video have 5 axes; refuses a shape of a million ones. */
export const MAX_RANK = 16;

/** SDXL in F32 is 13.9 GB, FLUX in F32 48 GB, the largest single shard published about 100 GB; refuses a sparse file that claims terabytes. */
export const MAX_FILE_BYTES = 2 ** 38;
