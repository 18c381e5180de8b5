#!/usr/bin/env bash
# Makes the Python environment that make_vectors.py runs in: test/lycoris/.venv, and four versions of LyCORIS side by side. Nothing of the
# product or its tests needs it.
set -euo pipefail
cd "$(dirname "$0")"
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install --quiet --requirement requirements.txt
for version in 4.1.3 3.0.0 2.0.0 1.9.0; do
  [ -d ".venv/lycoris-$version" ] || .venv/bin/pip install --quiet --no-deps --target ".venv/lycoris-$version" "lycoris-lora==$version"
done
.venv/bin/python make_vectors.py .venv vectors.safetensors
