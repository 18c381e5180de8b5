// A picture from a checkpoint: node examples/dist/01-hello.js model.safetensors
import { writeFile } from "node:fs/promises";
import { encodePng } from "@fewstep/core";
import { createPipeline } from "@fewstep/core/node";

const [model = "model.safetensors"] = process.argv.slice(2);
const pipeline = await createPipeline({ model });

// small, for a first try: without width and height it is the size that the model was made for
const request = { prompt: "a cat", seeds: [7], width: 64, height: 64, sampling: { steps: 4 } };
for await (const event of pipeline.generate(request)) {
  if (event.kind === "picture") await writeFile("hello.png", await encodePng(event.result.pixels));
}
await pipeline.dispose();
console.log("hello.png");
