#!/usr/bin/env bash
# Makes the Python environment of the peers that benches compare with: bench/peers/.venv. Nothing of the product needs it.
set -euo pipefail
cd "$(dirname "$0")"
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install --quiet --requirement requirements.txt
.venv/bin/python -c 'import torch, diffusers; print("torch", torch.__version__, "diffusers", diffusers.__version__)'
