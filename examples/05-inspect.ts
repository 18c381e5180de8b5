// What a file is, from its header alone: node examples/dist/05-inspect.js model.safetensors
import { partsOf, recogniseFile } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";

const [path = "model.safetensors"] = process.argv.slice(2);
const found = await recogniseFile(await openFile(path));
console.log(`${found.title} (${found.kind})`);
if (found.file !== undefined) {
  const { unet, text, vae } = partsOf(found.file.weights);
  console.log(`UNet: ${unet === undefined ? "no" : `${unet.config.inChannels} input channels`}`);
  console.log(`text encoders: ${text.map(({ kind, config }) => `${kind} ${config.width}`).join(", ")}`);
  console.log(`VAE: ${vae === undefined ? "no" : "yes"}`);
}
