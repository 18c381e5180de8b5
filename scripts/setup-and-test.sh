#!/usr/bin/env bash
# Sets up a fresh Debian machine (Node 20+, npm and git are there) and runs the whole test suite. Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

# The browser tests need Chromium, its software Vulkan driver and the Vulkan loader.
if ! [ -x /usr/bin/chromium ] || ! ldconfig -p | grep -q 'libvulkan\.so\.1'; then
  as_root=''
  [ "$(id -u)" = 0 ] || as_root=sudo
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium libvulkan1 >/dev/null
fi

# onnxruntime-node's install script downloads CUDA libraries; .npmrc turns scripts off, this turns the download off as well.
export ONNXRUNTIME_NODE_INSTALL=skip
npm ci --no-audit --no-fund
exec node scripts/test.mjs "$@"
