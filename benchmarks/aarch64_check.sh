#!/bin/sh
# Cross-compiles the core for aarch64, runs its C++ tests and a Python smoke test under qemu-user.
#
#   benchmarks/aarch64_check.sh [WORK_FOLDER]
#
# Needs Debian packages (installed here when run as root): g++-aarch64-linux-gnu qemu-user-static cmake, and the host's
# Python 3.11 with pybind11. Python for arm64 comes from Debian's archive, unpacked into the work folder: nothing
# foreign is installed. NumPy and ONNX Runtime come as aarch64 wheels.
#
# Exit status: 0 all passed; 1 something failed; 77 the packages cannot be had here (continuous integration skips).
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=${1:-${TMPDIR:-/tmp}/edgeaffect-aarch64}
python=${PYTHON:-python3}
tools="g++-aarch64-linux-gnu qemu-user-static"
mkdir -p "$work"

skip() { echo "skipped: $1" >&2; exit 77; }

command -v aarch64-linux-gnu-g++ >/dev/null && command -v qemu-aarch64-static >/dev/null || {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || skip "needs $tools (apt-get install them as root)"
    apt-get install -y --no-install-recommends $tools >"$work/apt.log" 2>&1 || skip "cannot install $tools"
}

echo "== C++ tests"
toolchain="-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
    -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++"
cmake -S "$root" -B "$work/tests" $toolchain -DEDGEAFFECT_PYTHON=OFF -DEDGEAFFECT_TESTS=ON -DEDGEAFFECT_WERROR=ON >/dev/null
cmake --build "$work/tests" --parallel 2 >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
for test in "$work"/tests/*_test; do
    echo "-- $(basename "$test")"
    qemu-aarch64-static -L /usr/aarch64-linux-gnu "$test"
done

echo "== Python smoke test"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
tag=$(echo "$version" | tr -d .)
target=$work/sysroot
if [ ! -x "$target/usr/bin/python$version" ]; then
    command -v apt-get >/dev/null || skip "no apt-get to fetch Python for arm64 (the C++ tests passed)"
    lists=$work/lists
    mkdir -p "$lists/partial" "$work/debs" "$target"
    apt="apt-get -o Dir::State::Lists=$lists -o APT::Architecture=arm64 -o APT::Architectures=arm64"
    $apt update >"$work/apt.log" 2>&1 || skip "no package lists for arm64 (the C++ tests passed)"
    (
        cd "$work/debs"
        # shellcheck disable=SC2086
        $apt download "python$version-minimal" "libpython$version-minimal" "libpython$version-stdlib" \
            "libpython$version-dev" libc6 libgcc-s1 libstdc++6 zlib1g libexpat1 libssl3 libffi8 libbz2-1.0 liblzma5 \
            libuuid1 libtirpc3 libnsl2 >"$work/apt.log" 2>&1
    ) || skip "Python $version for arm64 is not in this system's archive (the C++ tests passed)"
    for package in "$work"/debs/*.deb; do dpkg-deb -x "$package" "$target"; done
    # Debian's own layout has /lib as a link; unpacked packages may bring a folder of that name.
    [ -e "$target/lib" ] || ln -s usr/lib "$target/lib"
fi
site=$work/site
# ONNX Runtime 1.32 crashes in qemu-user 7.2 while its extension module is loaded; 1.20.1 does not.
if [ ! -d "$site/numpy" ]; then
    "$python" -m pip install --quiet --target "$site" --only-binary :all: --no-deps --python-version "$version" \
        --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux2014_aarch64 \
        numpy onnxruntime==1.20.1 || skip "no aarch64 wheels of NumPy and ONNX Runtime (the C++ tests passed)"
    # Pure Python, which ONNX Runtime imports:
    "$python" -m pip install --quiet --target "$site" --no-deps flatbuffers packaging
fi
headers="$target/usr/include/python$version"
cmake -S "$root" -B "$work/module" $toolchain -DPython_EXECUTABLE="$(command -v "$python")" \
    -DPython_INCLUDE_DIR="$headers" -DCMAKE_CXX_FLAGS="-I$target/usr/include" \
    -DPYTHON_MODULE_EXTENSION=".cpython-$tag-aarch64-linux-gnu.so" \
    -DEDGEAFFECT_VERSION="$("$python" -c "exec(open('$root/edgeaffect/_version.py').read()); print(__version__)")" \
    -Dpybind11_DIR="$("$python" -c 'import pybind11; print(pybind11.get_cmake_dir())')" >/dev/null
cmake --build "$work/module" --target _core --parallel 2 >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
rm -rf "$work/package"
mkdir -p "$work/package"
cp -r "$root/edgeaffect" "$work/package/edgeaffect"
rm -f "$work"/package/edgeaffect/*.so
cp "$work"/module/_core*.so "$work/package/edgeaffect/"
printf 'COMMIT = "unknown"\nVARIANT = "core"\n' >"$work/package/edgeaffect/_build_info.py"
smoke() {
    PYTHONHOME="$target/usr" PYTHONPATH="$work/package:$site" PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 \
        qemu-aarch64-static -L "$target" "$target/usr/bin/python$version" "$root/benchmarks/aarch64_smoke.py" "$@"
}
EDGEAFFECT_SIMD=scalar smoke --scalar "$work/scalar.npy"
smoke "$work/scalar.npy"
echo "== passed"
