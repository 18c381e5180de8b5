// Two runs of one request with the same number of threads are equal to the last byte: latents of each step, and the picture. They share
// nothing: each has a process of its own.
import { createPipeline } from "@fewstep/core/node";
import { beforeAll, expect, test } from "vitest";
import { smallModel } from "../hostile/hostile-files.js";

let model: string;
beforeAll(async () => {
  model = await smallModel("sd15-tiny");
});

async function run(threads: number) {
  const pipeline = await createPipeline({ model, threads });
  const made: Float32Array[] = [];
  try {
    const request = { prompt: "a cat", negative: "a dog", guidance: 4, width: 96, height: 64, seeds: [7n] };
    for await (const event of pipeline.generate({ ...request, sampling: { steps: 2, sampler: "euler_ancestral" } })) {
      if (event.kind === "step") made.push(event.latents.slice());
      if (event.kind === "picture") made.push(event.result.planes.data.slice() as Float32Array);
    }
  } finally {
    await pipeline.dispose();
  }
  return made.map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"));
}

test.each([1, 2])("with %i threads", async (threads) => {
  const first = await run(threads);
  expect(first).toHaveLength(3);
  expect(new Set(first).size).toBe(3);
  expect(await run(threads)).toEqual(first);
});
