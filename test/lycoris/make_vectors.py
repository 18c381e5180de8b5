"""Weights with adapters that multiply them, for packages/core/src/graph/passes/adapter-multiply.test.ts:

    make_vectors.py FOLDER OUT.safetensors

FOLDER has LyCORIS as lycoris-4.1.3, lycoris-3.0.0, lycoris-2.0.0 and lycoris-1.9.0 (setup.sh). The adapters are made, stored and merged at strength 1 by
LyCORIS itself. Other strengths, and kohya's OFT, which is no package, come from the formulas written out below in double precision:
ComfyUI's for the strength (comfy/weight_adapter/oft.py, boft.py, glora.py), kohya's networks/oft.py for its constraint. The script fails
where formula and library differ at strength 1.

Tensors: CASE/weight, CASE/adapter/KEY as in an adapter file, CASE/merged/STRENGTH.
"""

import importlib
import math
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

STRENGTHS = (1.0, 0.6, -0.5)
KOHYA = "lora_unet_layer"


def library(folder: Path, version: str, module: str):
    """A module of one version of LyCORIS, whichever was imported before."""
    for name in [name for name in sys.modules if name.split(".")[0] == "lycoris"]:
        del sys.modules[name]
    sys.path.insert(0, str(folder / f"lycoris-{version}"))
    try:
        return importlib.import_module(f"lycoris.modules.{module}")
    finally:
        sys.path.pop(0)


def layer(shape, seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    out, width, *kernel = shape
    made = torch.nn.Conv2d(width, out, kernel, padding=kernel[0] // 2) if kernel else torch.nn.Linear(width, out)
    return made.requires_grad_(False)


def fill(module, size: float) -> None:
    """Values of the order of `size` in every parameter that is trained, as stored in half precision."""
    for parameter in module.parameters():
        parameter.data = (torch.randn_like(parameter) * size).half().float()
    if hasattr(module, "rescale") and isinstance(module.rescale, torch.nn.Parameter):
        module.rescale.data = (1 + 0.2 * torch.randn_like(module.rescale)).half().float()


def stored(module) -> dict[str, torch.Tensor]:
    names = {name: value for name, value in module.state_dict().items() if not name.startswith("org_module")}
    # exact: the values were chosen so
    shorten = lambda value: value.half() if value.dim() > 0 else value.clone()
    return {name: shorten(value.detach()).contiguous() for name, value in names.items()}


# The formulas. w [out, in, kernel...], all in double precision.


def cayley(blocks, limit: float | None):
    q = blocks - blocks.transpose(-1, -2)
    norm = q.norm() + 1e-8
    if limit is not None and norm > limit:
        q = q * limit / norm
    one = torch.eye(blocks.shape[-1], dtype=torch.float64)
    return (one + q) @ torch.linalg.inv(one - q)


def rotated(w, stages, rescale, strength: float):
    """strength (rescale S_m ... S_1 w - w) + w, each stage softened by the strength; stage: (rotation [n, b, b], order of rows)."""
    rows = w.reshape(w.shape[0], -1)
    for rotation, order in stages:
        softened = torch.eye(rotation.shape[-1], dtype=torch.float64) * (1 - strength) + rotation * strength
        moved = torch.empty_like(rows)
        moved[order] = torch.block_diag(*softened) @ rows[order]
        rows = moved
    whole = rows.reshape(w.shape)
    if rescale is not None:
        whole = whole * rescale.double().reshape(-1, *[1] * (w.dim() - 1))
    return w + strength * (whole - w)


def oft(w, sd, strength, limit_of=lambda alpha, out: alpha * out if alpha > 0 else None):
    blocks = sd["oft_blocks"].double()
    rotation = cayley(blocks, limit_of(float(sd["alpha"]), w.shape[0])).transpose(-1, -2)
    return rotated(w, [(rotation, torch.arange(w.shape[0]))], sd.get("rescale"), strength)


def first_oft(w, sd, strength):
    return rotated(w, [(sd["oft_diag"].double().transpose(-1, -2), torch.arange(w.shape[0]))], None, strength)


def boft(w, sd, strength):
    blocks = sd["oft_blocks"].double()
    alpha, size = float(sd["alpha"]), blocks.shape[-1]
    rotations = cayley(blocks, alpha * w.shape[0] if alpha > 0 else None)
    stages = []
    for i, rotation in enumerate(rotations):
        apart = 2**i * size // 2
        order = torch.arange(w.shape[0]).reshape(-1, 2, apart).transpose(1, 2).reshape(-1)
        stages.append((rotation, order))
    return rotated(w, stages, sd.get("rescale"), strength)


def glora(w, sd, strength, older=False):
    a1, a2, b1, b2 = (sd[f"{name}.weight"].double().flatten(1) for name in ("a1", "a2", "b1", "b2"))
    rank = a1.shape[0] if older else a1.shape[1]
    enter, leave = (a2, a1) if older else (a1, a2)
    beside = b2 @ b1 if older else b1 @ b2
    if "bm.weight" in sd:
        beside = torch.einsum("mnhw,im,nj->ijhw", sd["bm.weight"].double(), b1, b2)
    through = torch.einsum("oi...,ij->oj...", w, enter @ leave)
    return w + strength * float(sd["alpha"]) / rank * (through + beside.reshape(w.shape))


def ia3(w, sd, strength):
    factors = sd["weight"].double().flatten()
    axis = 1 if int(sd["on_input"]) else 0
    return w * (1 + strength * factors.reshape([-1 if i == axis else 1 for i in range(w.dim())]))


def full(w, sd, strength):
    return w + strength * sd["diff"].double()


def kohya_limit(alpha, out):
    # networks/oft.py clamps to the constraint, of 0 as well
    return alpha * out


def main(folder: Path, target: Path) -> None:
    newest = {name: library(folder, "4.1.3", name) for name in ("diag_oft", "boft", "glora", "ia3", "full")}
    make_oft, make_boft = newest["diag_oft"].DiagOFTModule, newest["boft"].ButterflyOFTModule
    # version 4 makes no middle, whatever it is asked for
    with_middle = library(folder, "3.0.0", "glora").GLoRAModule
    make_glora, make_ia3 = newest["glora"].GLoRAModule, newest["ia3"].IA3Module
    linear, conv, pointwise, pairs = (12, 6), (12, 4, 3, 3), (12, 6, 1, 1), (16, 5)
    # name, layer, module, formula, size of the values, arguments
    cases = [
        ("oft linear", linear, make_oft, oft, 0.3, dict(lora_dim=4)),
        ("oft conv", conv, make_oft, oft, 0.3, dict(lora_dim=4)),
        ("oft constrained", linear, make_oft, oft, 0.5, dict(lora_dim=4, constraint=0.05)),
        ("oft within its constraint", linear, make_oft, oft, 0.01, dict(lora_dim=4, constraint=0.05)),
        ("oft rescaled", conv, make_oft, oft, 0.3, dict(lora_dim=4, rescaled=True)),
        ("oft nearly half a turn", linear, make_oft, oft, 20.0, dict(lora_dim=4)),
        ("oft within 0.2 degrees of half a turn", linear, make_oft, oft, 500.0, dict(lora_dim=4)),
        ("boft linear", pairs, make_boft, boft, 0.3, dict(lora_dim=4)),
        ("boft conv", (16, 3, 3, 3), make_boft, boft, 0.3, dict(lora_dim=2, rescaled=True)),
        ("boft constrained", pairs, make_boft, boft, 0.5, dict(lora_dim=4, constraint=0.03)),
        ("boft of one stage", linear, make_boft, boft, 0.3, dict(lora_dim=12)),
        ("glora linear", linear, make_glora, glora, 0.5, dict(lora_dim=2, alpha=1)),
        ("glora square", (6, 6), make_glora, glora, 0.5, dict(lora_dim=2, alpha=3)),
        ("glora conv", conv, make_glora, glora, 0.5, dict(lora_dim=3, alpha=1)),
        ("glora conv with a middle", conv, with_middle, glora, 0.5, dict(lora_dim=3, alpha=1, use_tucker=True)),
        ("ia3 outputs", linear, make_ia3, ia3, 0.3, {}),
        ("ia3 inputs", linear, make_ia3, ia3, 0.3, dict(train_on_input=True)),
        ("ia3 conv outputs", conv, make_ia3, ia3, 0.3, {}),
        ("ia3 conv inputs", conv, make_ia3, ia3, 0.3, dict(train_on_input=True)),
    ]
    tensors: dict[str, torch.Tensor] = {}
    worst = 0.0

    def keep(name, w, sd, formula, merged, prefix=KOHYA):
        nonlocal worst
        for strength in STRENGTHS:
            value = formula(w.double(), sd, strength)
            if strength == 1 and merged is not None:
                off = float((merged.double() - value).abs().max() / value.abs().max())
                worst = max(worst, off)
                # torch inverts in single precision: far less is left near half a turn
                if not off < 1e-4:
                    raise SystemExit(f"{name}: the library and the formula differ by {off}")
                if off < 1e-6:
                    value = merged
            tensors[f"{name}/merged/{strength:g}"] = value.float().contiguous()
        tensors[f"{name}/weight"] = w.float().contiguous()
        for key, value in sd.items():
            tensors[f"{name}/adapter/{prefix}.{key}"] = value

    for seed, (name, shape, make, formula, size, arguments) in enumerate(cases):
        org = layer(shape, seed)
        module = make("layer", org, 1.0, **arguments)
        fill(module, size)
        w = org.weight.detach().clone()
        with torch.no_grad():
            merged, _ = module.get_merged_weight(1.0, w.shape)
        keep(name, w, stored(module), formula, merged)

    # LyCORIS 2.0: R itself. Its state dictionary is that alone.
    org = layer(linear, 100)
    module = library(folder, "2.0.0", "diag_oft").DiagOFTModule("layer", org, 1.0, lora_dim=4)
    fill(module, 0.3)
    with torch.no_grad():
        keep("oft of LyCORIS 2.0", org.weight.clone(), {"oft_diag": module.get_r().clone()}, first_oft, module.make_weight(1))

    # LyCORIS before 2: the factors the other way round
    older = library(folder, "1.9.0", "glora").GLoRAModule
    for seed, (name, shape) in enumerate(
        [("glora of LyCORIS 1.9", linear), ("glora of LyCORIS 1.9, square", (6, 6)), ("glora of LyCORIS 1.9, 1x1", pointwise)]
    ):
        org = layer(shape, 200 + seed)
        module = older("layer", org, 1.0, lora_dim=2, alpha=1)
        fill(module, 0.5)
        w = org.weight.detach().clone()
        with torch.no_grad():
            delta = module.make_weight() * module.scale
        sd = stored(module)
        keep(name, w, sd, lambda w, sd, s: glora(w, sd, s, older=True), w + delta.reshape(w.shape))

    # kohya's OFT: blocks by their number, its own prefix
    for seed, (name, shape, alpha) in enumerate([("kohya linear", linear, 0.02), ("kohya conv", conv, 10.0)]):
        org = layer(shape, 300 + seed)
        blocks = (torch.randn(3, 4, 4) * 0.4).half()
        sd = {"oft_blocks": blocks, "alpha": torch.tensor(alpha).half()}
        keep(name, org.weight.detach(), sd, lambda w, sd, s: oft(w, sd, s, kohya_limit), None, "oft_unet_layer")

    # the whole difference
    org = layer(linear, 400)
    w, bias = org.weight.detach().clone(), org.bias.detach().clone()
    module = newest["full"].FullModule("layer", org, 1.0)
    module.apply_to()
    module.weight.data += 0.1 * torch.randn_like(module.weight)
    module.bias.data += 0.1 * torch.randn_like(module.bias)
    keep("full", w, {name: value.contiguous() for name, value in module.custom_state_dict().items()}, full, module.weight.detach())
    tensors["full/bias"] = bias

    if "glora conv with a middle/adapter/lora_unet_layer.bm.weight" not in tensors:
        raise SystemExit("the case with a middle has none")
    versions = {"torch": torch.__version__, "lycoris": "4.1.3, 3.0.0, 2.0.0, 1.9.0"}
    save_file(tensors, target, metadata=versions)
    print(f"{len({name.split('/')[0] for name in tensors})} cases, {target.stat().st_size} bytes, library and formula within {worst:.1e}")
    assert not math.isnan(worst)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
