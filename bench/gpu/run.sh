#!/bin/sh
# Measures this machine: ./run.sh [--budget SECONDS] [--only STEPS] [--devices cuda,webgpu,cpu] [--out FOLDER]
# Needs nothing but what lies beside it and, for CUDA, an NVIDIA driver. It writes results.json and results.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
say() {
  echo "run.sh: $*" >&2
}
[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || {
  say "this folder is for Linux x86_64, this is $(uname -s) $(uname -m)"
  exit 1
}
for file in bin/node bin/ffmpeg labelcast/dist/bench/gpu.js models clips; do
  [ -e "$here/$file" ] || {
    say "$file is missing: unpack or assemble the folder again"
    exit 1
  }
done
PATH=$here/bin:$PATH
export PATH

# libraries: those of this folder first, then those of a Python that has NVIDIA's packages (PyTorch brings them)
libs=
if [ -d "$here/libs" ]; then libs=$here/libs; fi
if [ -z "$(ls "$here"/libs/nvidia 2>/dev/null)" ] && command -v python3 >/dev/null; then
  site=$(python3 -c 'import nvidia, os; print(os.path.dirname(list(nvidia.__path__)[0]))' 2>/dev/null || true)
  if [ -n "$site" ]; then libs=${libs:+$libs:}$site; fi
fi
LABELCAST_ORT_LIBS=${LABELCAST_ORT_LIBS:-$libs}
folders=
IFS=:
for folder in $LABELCAST_ORT_LIBS; do
  for lib in "$folder/onnxruntime/capi" "$folder"/nvidia/*/lib; do
    if [ -d "$lib" ]; then folders=${folders:+$folders:}$lib; fi
  done
done
unset IFS
LD_LIBRARY_PATH=${folders:+$folders:}${LD_LIBRARY_PATH:-}
if [ -n "$LABELCAST_ORT_LIBS" ]; then export LABELCAST_ORT_LIBS; else unset LABELCAST_ORT_LIBS; fi
if [ -n "$LD_LIBRARY_PATH" ]; then export LD_LIBRARY_PATH; else unset LD_LIBRARY_PATH; fi

# what CUDA would lack is said at once; the rest is measured all the same
find_library() {
  IFS=:
  for folder in ${LD_LIBRARY_PATH:-} /usr/local/nvidia/lib64 /usr/lib/x86_64-linux-gnu /usr/lib64 /usr/local/cuda/lib64; do
    if [ -e "$folder/$1" ]; then
      unset IFS
      return 0
    fi
  done
  unset IFS
  ldconfig -p 2>/dev/null | grep -q "$1"
}
for name in libcuda.so.1 libonnxruntime_providers_cuda.so libcudart.so.13 libcublas.so.13 libcublasLt.so.13 libcurand.so.10 \
  libcudnn.so.9; do
  find_library "$name" || say "$name was not found: CUDA cannot be measured without it"
done
command -v nvidia-smi >/dev/null || say "nvidia-smi was not found: GPU utilisation and memory are not measured"

cd "$here"
exec "$here/bin/node" labelcast/dist/bench/gpu.js --models models --clips clips --ffmpeg "$here/bin/ffmpeg" --out results "$@"
