// Textual inversions that a prompt's texts name and that lie in the user's folders, beside those of --embedding. In running text (A1111's
// grammar) a name is a word like any other, so one that cannot be used (of another family, a pickle) is told and left as words; behind
// `embedding:` (ComfyUI's) it is an error.
import { basename } from "node:path";
import { type Checkpoint, FewstepError, openTextualInversion, type PromptGrammar } from "@fewstep/core";
import { listModels, listPickles, type ModelFolders, openFile, pickleFound } from "@fewstep/core/node";
import type { RunEmbedding } from "./open-run.js";

export interface EmbeddingContext {
  readonly checkpoint: Checkpoint;
  readonly folders: ModelFolders;
  /** Of --embedding. */
  readonly given: readonly RunEmbedding[];
  readonly grammar: PromptGrammar;
  readonly signal: AbortSignal;
}

/** How each grammar names embeddings; compel's has none. */
const MENTIONS: Readonly<Record<PromptGrammar, ((name: string) => string) | undefined>> = {
  a1111: folded,
  plain: folded,
  comfyui: (name) => folded(`embedding:${name}`),
  compel: undefined,
};

/** Those given, then those named. @throws FewstepError `model-is-pickle-file`, and the codes of openFile and openTextualInversion */
export async function promptEmbeddings(
  texts: readonly string[],
  { checkpoint, folders, given, grammar, signal }: EmbeddingContext,
): Promise<{ readonly embeddings: readonly RunEmbedding[]; readonly notes: readonly string[] }> {
  const mention = MENTIONS[grammar];
  if (mention === undefined) return { embeddings: given, notes: [] };
  const all = texts.map(folded).join("\n");
  const embeddings = [...given];
  const notes: string[] = [];
  const known = new Set(given.map(({ name }) => name));
  for (const { name: below, path } of await listModels(folders, "embedding", signal)) {
    for (const name of new Set([below, basename(below)])) {
      if (known.has(name) || !all.includes(mention(name))) continue;
      known.add(name);
      try {
        const source = await openFile(path);
        embeddings.push({ name, file: below, source, vectors: await openTextualInversion(source, checkpoint, signal) });
      } catch (error) {
        const accident = error instanceof FewstepError && error.code === "embedding-family" && grammar !== "comfyui";
        if (!accident) throw error;
        notes.push(`${error.summary}: its name is read as words`);
      }
    }
  }
  for (const pickle of await listPickles(folders, "embedding", signal)) {
    const names = [pickle.name, basename(pickle.name)];
    if (names.some((name) => known.has(name)) || !names.some((name) => hasWord(all, mention(name)))) continue;
    const error = pickleFound("embedding", pickle);
    if (grammar === "comfyui") throw error;
    notes.push(`${error.summary} (${error.found}): its name is read as words; ${error.hint}`);
  }
  return { embeddings, notes };
}

const LETTER = /[\p{L}\p{N}]/u;

/** Whether a word stands alone: "art" does in "line-art", not in "party". */
function hasWord(text: string, word: string): boolean {
  const isLetter = (at: number) => LETTER.test(text[at] ?? "");
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isLetter(at - 1) && !isLetter(at + word.length)) return true;
  }
  return false;
}

/** Tokens know no case and no width of blanks. */
function folded(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ");
}
