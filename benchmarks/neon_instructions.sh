#!/bin/sh
# Instructions of crop_normalize on NEON beside OpenCV's same filter, counted in qemu-user: a table in Markdown.
#
#   benchmarks/neon_instructions.sh [WORK_FOLDER]
#
# WORK_FOLDER is that of aarch64_check.sh, which must have passed there: it holds Python for arm64 and the package. Needs a
# C compiler and qemu-aarch64 with plugins (Debian: qemu-user; the static one loads none). Instructions are no times, but
# where there is no aarch64 machine at hand they are the same at every run.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=${1:-${TMPDIR:-/tmp}/edgeaffect-aarch64}
version=$("${PYTHON:-python3}" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
target=$work/sysroot
[ -x "$target/usr/bin/python$version" ] || { echo "run benchmarks/aarch64_check.sh $work first" >&2; exit 2; }
if [ ! -d "$work/site/cv2" ]; then
    "${PYTHON:-python3}" -m pip install --quiet --target "$work/site" --only-binary :all: --no-deps \
        --python-version "$version" --platform manylinux_2_28_aarch64 --platform manylinux2014_aarch64 opencv-python-headless
fi
"${CC:-cc}" -O2 -shared -fPIC "$root/benchmarks/instruction_counter.c" -o "$work/instruction_counter.so"
PYTHONHOME="$target/usr" PYTHONPATH="$work/package:$work/site:$root" PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 \
    qemu-aarch64 -plugin "$work/instruction_counter.so" -L "$target" \
    "$target/usr/bin/python$version" -m benchmarks.neon_instructions 2>"$work/counts.txt" >&2 ||
    { cat "$work/counts.txt" >&2; exit 1; }
echo "| from | what | crop_normalize, thousand instructions | OpenCV, the same filter | times fewer |"
echo "| --- | --- | --- | --- | --- |"
awk '/^#/ { name = substr($0, 3); n = 0; next }
     /^[0-9]+$/ { at[n++] = $1 }
     n == 4 && /^[0-9]+$/ {
         ours = at[1] - at[0]; theirs = at[3] - at[2]
         if (name == "nothing") { idle = ours; next }
         ours -= idle; theirs -= idle
         printf "| %s | %.0f | %.0f | %.1f |\n", name, ours / 1000, theirs / 1000, theirs / ours
     }' "$work/counts.txt"
