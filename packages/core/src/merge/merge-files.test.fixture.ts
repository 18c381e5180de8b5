// Files for tests of merging: small checkpoints and adapters by name, and results written to a temporary folder and opened again.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type ActiveAdapter, fitAdapter } from "../families/adapter-fit.js";
import type { NetworkId } from "../families/adapter-names.js";
import { type Checkpoint, openCheckpoint, openCheckpointFolder } from "../families/checkpoint.js";
import type { TextPart } from "../families/parts.js";
import { openFile } from "../files/open-file.js";
import type { FileSource } from "../files/source.js";
import { tinyFile } from "../generate/tiny-pipeline.test.fixture.js";
import { writeFileAtomically } from "../platform-node/atomic-write.js";
import { openFolder } from "../platform-node/disk-folder.js";
import { type ChildRuntime, childRuntime } from "../session/child-runtime.js";
import { fromFloat32 } from "../tensor/convert.js";
import { bytesOf, type TensorSpec } from "../weights/adapters/adapter-file.test.fixture.js";
import { parseAdapter } from "../weights/adapters/parse.js";
import { readTensor, tensorChunks } from "../weights/read-tensor.js";
import { openSafetensors } from "../weights/safetensors.js";
import { layoutSafetensors, type TensorToWrite, writeSafetensors } from "../weights/safetensors-writer.js";
import { entriesOf } from "../weights/views.js";
import type { LazyTensor, Weights } from "../weights/weights.js";

/** A folder for results and a runtime, from before the tests of a file to after them. */
export function mergeTools(): { readonly folder: MergeFolder; readonly runtime: () => ChildRuntime } {
  const folder = new MergeFolder();
  let runtime: ChildRuntime;
  beforeAll(() => {
    runtime = childRuntime({ threads: 2 });
  });
  afterAll(async () => {
    await runtime.dispose();
    folder.remove();
  });
  return { folder, runtime: () => runtime };
}

export const networksOf = ({ unet, text }: Checkpoint): readonly (readonly [NetworkId, Weights])[] => [
  ["unet", unet.weights],
  ...text.map(({ weights }, i) => [i === 0 ? "text0" : "text1", weights] as const),
];

export async function fitted(
  checkpoint: Checkpoint,
  file: FileSource | string,
  strengths: Partial<ActiveAdapter> = {},
): Promise<ActiveAdapter> {
  const source = typeof file === "string" ? await openFile(tinyFile(file)) : file;
  const fit = fitAdapter(await parseAdapter(source.name, await openSafetensors(source)), checkpoint);
  return { id: source.name, fit, strengthUnet: 1, strengthText: 1, ...strengths };
}

export class MergeFolder {
  readonly path = mkdtempSync(join(tmpdir(), "fewstep-merge-"));
  private count = 0;

  async write(tensors: readonly TensorToWrite[], metadata?: Readonly<Record<string, string>>): Promise<FileSource> {
    const path = join(this.path, `${this.count++}.safetensors`);
    await writeFileAtomically(path, writeSafetensors(layoutSafetensors(tensors, metadata)));
    return openFile(path);
  }

  /** A file of small tensors. */
  async file(tensors: Readonly<Record<string, TensorSpec>>): Promise<FileSource> {
    const path = join(this.path, `${this.count++}.safetensors`);
    await writeFileAtomically(path, await bytesOf(tensors));
    return openFile(path);
  }

  async checkpoint(tensors: readonly TensorToWrite[]): Promise<Checkpoint> {
    return openCheckpoint(await this.write(tensors));
  }

  /** The checkpoint as a folder in the diffusers layout, its UNet in two shards. */
  async diffusers(checkpoint: Checkpoint): Promise<Checkpoint> {
    const { unet, vae, text, prediction, zeroTerminalSnr, scalingFactor } = checkpoint;
    const root = join(this.path, `folder-${this.count++}`);
    const put = async (path: string, tensors: readonly TensorToWrite[]) =>
      writeFileAtomically(join(root, path), writeSafetensors(layoutSafetensors(tensors)));
    const json = (path: string, value: object) => writeFileSync(join(root, path), JSON.stringify(value));
    const folders = ["unet", "vae", "text_encoder", ...(text.length > 1 ? ["text_encoder_2"] : []), "scheduler"];
    for (const name of folders) mkdirSync(join(root, name), { recursive: true });
    json("model_index.json", {
      _class_name: "StableDiffusionPipeline",
      ...Object.fromEntries(folders.map((name) => [name, ["diffusers", "Model"]])),
    });
    const stored = [...entriesOf(unet.weights)].map(([name, tensor]) => copyOf(name, tensor));
    const half = stored.length >> 1;
    const shards = [stored.slice(0, half), stored.slice(half)];
    const shardName = (i: number) => `diffusion_pytorch_model-0000${i + 1}-of-00002.safetensors`;
    for (const [i, shard] of shards.entries()) await put(`unet/${shardName(i)}`, shard);
    json("unet/diffusion_pytorch_model.safetensors.index.json", {
      weight_map: Object.fromEntries(shards.flatMap((shard, i) => shard.map(({ name }) => [name, shardName(i)]))),
    });
    json("unet/config.json", {});
    const matrices = [...entriesOf(vae!.weights)].map(([name, tensor]) => {
      const isAttention = name.includes(".attentions.0.to_") && tensor.shape.length === 4;
      return copyOf(name, isAttention ? { ...tensor, shape: tensor.shape.slice(0, 2) } : tensor);
    });
    await put("vae/diffusion_pytorch_model.safetensors", matrices);
    json("vae/config.json", { scaling_factor: scalingFactor });
    for (const [i, encoder] of text.entries()) {
      const name = i === 0 ? "text_encoder" : "text_encoder_2";
      await put(`${name}/model.safetensors`, await uprightText(encoder));
      json(`${name}/config.json`, { hidden_act: encoder.kind === "clip" ? "quick_gelu" : "gelu" });
    }
    json("scheduler/scheduler_config.json", {
      prediction_type: prediction.type === "v" ? "v_prediction" : prediction.type,
      rescale_betas_zero_snr: zeroTerminalSnr,
    });
    return openCheckpointFolder(await openFolder(root));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function copyOf(name: string, tensor: LazyTensor): TensorToWrite {
  return { name, dtype: tensor.dtype, shape: tensor.shape, chunks: () => tensorChunks(tensor) };
}

/** As transformers stores it: the projection [out, in]. */
async function uprightText({ config, weights }: TextPart): Promise<readonly TensorToWrite[]> {
  return Promise.all(
    [...entriesOf(weights)].map(async ([name, tensor]) => {
      if (name !== "text_projection.weight" || config.projectionLayout !== "in-out") return copyOf(name, tensor);
      const [rows, columns] = tensor.shape as [number, number];
      const values = await readTensor(tensor);
      const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
      const bytes = fromFloat32(turned, tensor.dtype);
      return { name, dtype: tensor.dtype, shape: [columns, rows], chunks: () => [bytes] };
    }),
  );
}
