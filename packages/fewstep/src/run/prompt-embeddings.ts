// Textual inversions that a prompt's texts name and that lie in the user's folders, beside those of --embedding. In running text (A1111's
// grammar) a name is a word like any other, so one of another family is told and left as words; behind `embedding:` (ComfyUI's) it is an error.
import { basename } from "node:path";
import { type Checkpoint, FewstepError, openTextualInversion, type PromptGrammar } from "@fewstep/core";
import { listModels, type ModelFolders, openFile } from "@fewstep/core/node";
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

/** Those given, then those named. @throws FewstepError the codes of openFile and openTextualInversion */
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
  return { embeddings, notes };
}

/** Tokens know no case and no width of blanks. */
function folded(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ");
}
