// zlib streams through the platform's CompressionStream and DecompressionStream, with bounded memory.
// The input is fed in small pieces, since a piece may be inflated whole before anybody reads: deflate expands at most 1032 times.

import { FewstepError, interrupted } from "../errors.js";

/** 16 KiB inflate to 16.5 MiB at most: what a hostile stream can make us hold beyond what was asked for. */
const PIECE_BYTES = 16_384;

/** The zlib stream of `bytes`. The same bytes always give the same stream on the same platform. */
export async function deflate(bytes: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const stream = piecewise([bytes]).pipeThrough(new CompressionStream("deflate"));
  return gather(readAll(stream.getReader(), signal));
}

/** Inflates the zlib stream that the parts make up, piece by piece. Errors: `deflate-broken`. */
export async function* inflatePieces(
  parts: readonly Uint8Array<ArrayBuffer>[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const stream = piecewise(parts).pipeThrough(new DecompressionStream("deflate"));
  try {
    yield* readAll(stream.getReader(), signal);
  } catch (cause) {
    if (cause instanceof FewstepError) throw cause;
    throw new FewstepError({
      code: "deflate-broken",
      message: "compressed data cannot be read",
      found: cause instanceof Error ? cause.message : String(cause),
      expected: "a complete zlib stream",
      hint: "the file is damaged: get it again from its source",
      cause,
    });
  }
}

/** Inflates the whole of `bytes`. Errors: `deflate-broken`; `deflate-too-large` once more than `limit` bytes come out. */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  limit: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  return gather(inflatePieces([bytes], signal), limit);
}

function piecewise(parts: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  let part = 0;
  let offset = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      while (part < parts.length && offset >= parts[part]!.length) {
        part++;
        offset = 0;
      }
      const bytes = parts[part];
      if (bytes === undefined) return controller.close();
      controller.enqueue(bytes.subarray(offset, offset + PIECE_BYTES));
      offset += PIECE_BYTES;
    },
  });
}

async function* readAll(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let ended = false;
  try {
    for (;;) {
      if (signal?.aborted) throw interrupted();
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    // A stream that broke rejects its cancellation too: the first error is the one that tells.
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

async function gather(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Uint8Array<ArrayBuffer>> {
  const kept: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > limit) {
      throw new FewstepError({
        code: "deflate-too-large",
        message: "compressed data is too large once unpacked",
        found: `more than ${limit} bytes`,
        expected: `at most ${limit} bytes`,
        hint: "a small chunk that unpacks to this much is not a picture's text",
      });
    }
    kept.push(piece);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const piece of kept) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
