#!/usr/bin/env bash
# Runs the WebGPU tests on SwiftShader, a software Vulkan driver that Debian's chromium package contains. Needs no root.
# Arguments go to dotnet test.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$root/artifacts/swiftshader

fetch() {
  command -v apt-get >/dev/null || { echo "webgpu-lane: apt-get is needed to fetch SwiftShader; put libvk_swiftshader.so, vk_swiftshader_icd.json and libvulkan.so.1 into $folder" >&2; exit 1; }
  local work
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  # The driver stands in chromium-common in newer Debian, in chromium in older.
  if ! (cd "$work" && apt-get download chromium-common libvulkan1 >/dev/null 2>&1); then
    apt-get update >/dev/null 2>&1 || true
    (cd "$work" && apt-get download chromium-common libvulkan1 >/dev/null 2>&1) || { echo "webgpu-lane: the packages chromium-common and libvulkan1 could not be fetched" >&2; exit 1; }
  fi
  extract "$work"
  if [ ! -f "$(find "$work/x" -name libvk_swiftshader.so -print -quit)" ]; then
    (cd "$work" && apt-get download chromium >/dev/null 2>&1) || { echo "webgpu-lane: the package chromium could not be fetched" >&2; exit 1; }
    extract "$work"
  fi
  rm -rf "$folder.new" && mkdir -p "$folder.new"
  cp "$(find "$work/x" -name libvk_swiftshader.so -print -quit)" "$(find "$work/x" -name vk_swiftshader_icd.json -print -quit)" "$folder.new/"
  cp -L "$(find "$work/x/usr/lib" -path '*-linux-gnu*' -name libvulkan.so.1 -print -quit)" "$folder.new/libvulkan.so.1"
  rm -rf "$folder" && mv "$folder.new" "$folder"
}

extract() {
  for package in "$1"/*.deb; do dpkg -x "$package" "$1/x"; done
}

[ -f "$folder/libvulkan.so.1" ] || fetch

export VK_ICD_FILENAMES=$folder/vk_swiftshader_icd.json
export LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
  XDG_RUNTIME_DIR=$(mktemp -d)
  export XDG_RUNTIME_DIR
fi
exec dotnet test "$root/tests/OptimizeTasks.WebGpu" "$@"
