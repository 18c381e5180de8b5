// The prompts of a run: the argument, or a file or stdin with one a line. Checked for what could not be written into a picture afterwards.
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { FewstepError } from "@fewstep/core";

/** A prompt list of a contest has some ten thousand lines; refuses a model file given by mistake. */
const MAX_BYTES = 10_000_000;
const MAX_PROMPTS = 10_000;

/** @throws FewstepError `prompt-missing`, `prompts-unreadable`, `too-many-prompts`, `prompt-not-text` */
export async function readPrompts(
  argument: string | undefined,
  file: string | undefined,
  signal: AbortSignal,
  stdin: Readable = process.stdin,
): Promise<readonly string[]> {
  if ((argument === undefined) === (file === undefined)) {
    throw new FewstepError({
      code: "prompt-missing",
      message: argument === undefined ? "there is no prompt" : "there are two sources of prompts",
      expected: 'a prompt such as "a cat", or --prompts-file FILE',
    });
  }
  if (argument !== undefined) return [checkedPrompt(argument)];
  const text = await readAll(file as string, file === "-" ? stdin : createReadStream(file as string), signal);
  const prompts = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (prompts.length === 0 || prompts.length > MAX_PROMPTS) {
    throw unreadable(file as string, `${prompts.length} lines with text`, `1 to ${MAX_PROMPTS} prompts, one a line`);
  }
  return prompts.map(checkedPrompt);
}

/** Texts go into the PNG file, which holds neither NUL nor half characters. @throws FewstepError `prompt-not-text` */
export function checkedPrompt(prompt: string): string {
  const nul = prompt.includes("\0");
  if (!nul && prompt.isWellFormed()) return prompt;
  throw new FewstepError({
    code: "prompt-not-text",
    message: "a prompt is not plain text",
    found: nul ? "a NUL character" : "half of a surrogate pair",
    hint: "remove it: it has no meaning in a prompt",
  });
}

async function readAll(name: string, stream: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const stop = () =>
    stream.destroy(new FewstepError({ code: "interrupted", kind: "interrupted", message: "interrupted" }));
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw unreadable(name, `more than ${MAX_BYTES} bytes`, "a text file, one prompt a line");
      chunks.push(chunk);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof FewstepError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const notText = code === "ERR_ENCODING_INVALID_ENCODED_DATA";
    throw unreadable(name, notText ? "bytes that are not UTF-8" : message, "a text file in UTF-8, one prompt a line");
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function unreadable(name: string, found: string, expected: string): FewstepError {
  return new FewstepError({
    code: "prompts-unreadable",
    message: "the prompts cannot be read",
    found: `${name === "-" ? "standard input" : name}: ${found}`,
    expected,
  });
}
