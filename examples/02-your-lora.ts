// A LoRA in four steps, several seeds: node examples/dist/02-your-lora.js model.safetensors lcm.safetensors
import { encodePng } from "@fewstep/core";
import { createPipeline, writeFileAtomically } from "@fewstep/core/node";

const [model = "model.safetensors", lora = "lcm.safetensors"] = process.argv.slice(2);
const pipeline = await createPipeline({ model, loras: [{ path: lora, strength: 1 }] });

const events = pipeline.generate({
  prompt: "a (cat:1.2) in the snow",
  seeds: [1, 2],
  width: 64,
  height: 64,
  sampling: { steps: 4, sampler: "lcm" },
});
for await (const event of events) {
  if (event.kind !== "picture") continue;
  const path = `lora-${event.seed}.png`;
  await writeFileAtomically(path, await encodePng(event.result.pixels), { replace: true });
  console.log(path);
}
await pipeline.dispose();
