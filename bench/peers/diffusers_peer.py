"""Times diffusers on a single-file SD1.5 checkpoint: python diffusers_peer.py MODEL GOLDEN_DIR {unet|vae|run} {f32|bf16} [THREADS]

`unet` and `vae` warm up, print "ready", and then for each line on standard input make one call and print its seconds, so that a caller
can take turns between peers. `run` is the whole job of a cold process: load, 4 LCM steps without guidance at 512x512, decode, PNG;
it prints its seconds. Inference mode, scaled-dot-product attention (diffusers' default).
"""
import gzip
import json
import os
import sys
import tempfile
import time

start = time.perf_counter()
model, golden, what, precision = sys.argv[1:5]
threads = int(sys.argv[5]) if len(sys.argv) > 5 else 2
os.environ["HF_HUB_OFFLINE"] = "1"

import torch  # noqa: E402

torch.set_num_threads(threads)
dtype = {"f32": torch.float32, "bf16": torch.bfloat16}[precision]

from diffusers import LCMScheduler, StableDiffusionPipeline  # noqa: E402


def byte_symbols():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(len(others))]


def config_folder(folder):
    """The configs of SD1.5 and the CLIP tokenizer, as from_single_file wants them without a network."""
    configs = json.load(open(f"{golden}/specs/configs.json"))["sd15-full"]
    merges = gzip.open(f"{golden}/clip-bpe/bpe_simple_vocab_16e6.txt.gz").read().decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    symbols = byte_symbols()
    vocabulary = symbols + [s + "</w>" for s in symbols] + ["".join(m.split()) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    files = {
        "model_index.json": {
            "_class_name": "StableDiffusionPipeline",
            "unet": ["diffusers", "UNet2DConditionModel"],
            "vae": ["diffusers", "AutoencoderKL"],
            "text_encoder": ["transformers", "CLIPTextModel"],
            "tokenizer": ["transformers", "CLIPTokenizer"],
            "scheduler": ["diffusers", "LCMScheduler"],
            "safety_checker": [None, None],
            "feature_extractor": [None, None],
        },
        "unet/config.json": {"_class_name": "UNet2DConditionModel", **configs["unet"]},
        "vae/config.json": {"_class_name": "AutoencoderKL", **configs["vae"]},
        "text_encoder/config.json": {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model", **configs["text_encoder"]},
        "tokenizer/tokenizer_config.json": {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "pad_token": "<|endoftext|>"},
        "tokenizer/vocab.json": {token: i for i, token in enumerate(vocabulary)},
        "scheduler/scheduler_config.json": {
            "_class_name": "LCMScheduler",
            "beta_start": 0.00085,
            "beta_end": 0.012,
            "beta_schedule": "scaled_linear",
        },
    }
    for name, value in files.items():
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        json.dump(value, open(f"{folder}/{name}", "w"))
    open(f"{folder}/tokenizer/merges.txt", "w").write("#version: 0.2\n" + "\n".join(merges) + "\n")


def serve(call):
    with torch.inference_mode():
        call()
        print("ready", flush=True)
        for _ in sys.stdin:
            t = time.perf_counter()
            call()
            print(time.perf_counter() - t, flush=True)


with tempfile.TemporaryDirectory() as folder:
    config_folder(folder)
    pipe = StableDiffusionPipeline.from_single_file(model, config=folder, torch_dtype=dtype, safety_checker=None, local_files_only=True)
pipe.set_progress_bar_config(disable=True)
if what == "unet":
    x, t, c = torch.randn(1, 4, 64, 64, dtype=dtype), torch.tensor(999), torch.randn(1, 77, 768, dtype=dtype)
    serve(lambda: pipe.unet(x, t, c))
elif what == "vae":
    z = torch.randn(1, 4, 64, 64, dtype=dtype)
    serve(lambda: pipe.vae.decode(z))
else:
    pipe.scheduler = LCMScheduler.from_config(pipe.scheduler.config)
    with torch.inference_mode():
        image = pipe("a cat", num_inference_steps=4, guidance_scale=1.0, generator=torch.Generator().manual_seed(7)).images[0]
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        image.save(file.name)
    print(time.perf_counter() - start, flush=True)
