// What people take for a Stable Diffusion checkpoint and is none: each kind with its name and what to do. Data only; how a kind is told
// from its tensors is model-kinds.ts, and files that are no safetensors at all are files/container.ts.

export interface ForeignKind {
  /** Completes "this is ...". */
  readonly title: string;
  readonly remedy: string;
}

const ANOTHER = "this runs Stable Diffusion 1.x, 2.x and XL: give a checkpoint of one of these";
const WITH_IT = "this is used beside a checkpoint and is not supported: give the checkpoint itself";
const BASE = "a LoRA fits only the model it was trained on: give one made for Stable Diffusion 1.x, 2.x or XL";
const model = (name: string): ForeignKind => ({ title: `a ${name} model`, remedy: ANOTHER });
const extra = (title: string): ForeignKind => ({ title, remedy: WITH_IT });

export const FOREIGN = {
  "sdxl-refiner": {
    title: "the SDXL refiner",
    remedy: "few-step models need no refiner: give an SDXL base checkpoint",
  },
  "instruct-pix2pix": {
    title: "an InstructPix2Pix checkpoint (8 input channels)",
    remedy: "give a text-to-image or an inpainting checkpoint (4 or 9 input channels)",
  },
  "depth-checkpoint": {
    title: "a depth-conditioned checkpoint (5 input channels)",
    remedy: "give a text-to-image or an inpainting checkpoint (4 or 9 input channels)",
  },
  "sd-upscaler": {
    title: "the Stable Diffusion x4 upscaler (7 input channels)",
    remedy: "give a text-to-image or an inpainting checkpoint (4 or 9 input channels)",
  },
  "other-unet": { title: "a Stable Diffusion UNet with an unusual number of input channels", remedy: ANOTHER },
  unclip: { title: "a Stable unCLIP checkpoint", remedy: ANOTHER },
  "stable-video-diffusion": model("Stable Video Diffusion"),
  kolors: { title: "a Kolors model (an SDXL UNet with another text encoder)", remedy: ANOTHER },
  "deepfloyd-if": model("DeepFloyd IF"),
  flux: model("FLUX"),
  sd3: model("Stable Diffusion 3"),
  "stable-cascade": model("Stable Cascade"),
  pixart: model("PixArt"),
  "aura-flow": model("AuraFlow"),
  "hunyuan-dit": model("Hunyuan-DiT"),
  "lumina-z-image": { title: "a Lumina 2 or Z-Image model", remedy: ANOTHER },
  "qwen-image": model("Qwen-Image"),
  hidream: model("HiDream"),
  sana: model("Sana"),
  chroma: model("Chroma"),
  wan: { title: "a Wan video model", remedy: ANOTHER },
  "hunyuan-video": { title: "a HunyuanVideo model", remedy: ANOTHER },
  ltx: { title: "an LTX video model", remedy: ANOTHER },
  cogvideox: { title: "a CogVideoX video model", remedy: ANOTHER },
  mochi: { title: "a Mochi video model", remedy: ANOTHER },
  cosmos: model("Cosmos"),
  "stable-audio": { title: "a Stable Audio model", remedy: ANOTHER },
  "language-model": { title: "a language model", remedy: ANOTHER },
  t5: extra("a T5 text encoder (of FLUX, SD3 or PixArt)"),
  "clip-vision": extra("a CLIP image encoder"),
  "safety-checker": extra("a safety checker"),
  controlnet: extra("a ControlNet"),
  "control-lora": extra("a Control-LoRA (a compressed ControlNet)"),
  "t2i-adapter": extra("a T2I-Adapter"),
  "ip-adapter": extra("an IP-Adapter"),
  "motion-module": extra("an AnimateDiff motion module"),
  gligen: extra("a GLIGEN module"),
  upscaler: extra("a picture upscaler (ESRGAN or one of its kind)"),
  "flux-vae": {
    title: "a VAE with other than 4 latent channels (of FLUX, SD3 or a video model)",
    remedy: "give a VAE of Stable Diffusion 1.x, 2.x or XL",
  },
  "flux-taesd": {
    title: "a tiny VAE with other than 4 latent channels (TAESD3, TAEF1, TAEHV)",
    remedy: "give taesd (Stable Diffusion 1.x, 2.x) or taesdxl",
  },
  quantised: {
    title: "a checkpoint quantised for one runtime (bitsandbytes, SVDQuant, GPTQ or scaled FP8)",
    remedy: "get the model's F16, BF16 or plain F8 .safetensors file",
  },
  "flux-lora": { title: "a LoRA for FLUX or HunyuanVideo", remedy: BASE },
  "sd3-lora": { title: "a LoRA for Stable Diffusion 3", remedy: BASE },
  "wan-lora": { title: "a LoRA for Wan or another video model", remedy: BASE },
  "qwen-lora": { title: "a LoRA for Qwen-Image", remedy: BASE },
  "transformer-lora": { title: "a LoRA for a diffusion transformer (SD3, PixArt, LTX or another)", remedy: BASE },
  "other-adapter": {
    title: "an adapter of a kind that is not supported (OFT, BOFT or IA3 as PEFT stores it)",
    remedy: "give a file of kohya's scripts or LyCORIS, or a checkpoint the adapter is merged into",
  },
  unknown: {
    title: "a safetensors file of no kind known here",
    remedy:
      "if it is a Stable Diffusion model in another layout, give the single-file checkpoint or the diffusers folder",
  },
} as const satisfies Readonly<Record<string, ForeignKind>>;

export type ForeignModelKind = keyof typeof FOREIGN;
