// Every step as it happens, a preview of each, and a stop after the third: node examples/dist/03-steps-previews-cancel.js model.safetensors
import { FewstepError } from "@fewstep/core";
import { createPipeline } from "@fewstep/core/node";

const [model = "model.safetensors"] = process.argv.slice(2);
const pipeline = await createPipeline({ model, previews: "latents" });
const stop = new AbortController();

const request = {
  prompt: "a cat",
  width: 64,
  height: 64,
  guidance: 5,
  sampling: { steps: 20, sampler: "dpmpp_2m" },
} as const;
try {
  for await (const event of pipeline.generate(request, stop.signal)) {
    if (event.kind === "step") console.log(`step ${event.index + 1} of ${event.of}, sigma ${event.row.sigma}`);
    if (event.kind === "preview") console.log(`preview of ${event.pixels.width} x ${event.pixels.height}`);
    if (event.kind === "preview" && event.index === 2) stop.abort();
  }
} catch (error) {
  if (!(error instanceof FewstepError) || error.code !== "interrupted") throw error;
  console.log("stopped");
} finally {
  await pipeline.dispose();
}
