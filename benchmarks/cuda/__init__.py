"""The CUDA path on the GPU at hand, in one command: `python -m benchmarks.cuda`. Writes RESULTS.md's part about GPUs.

Sections, each in a process of its own, so that one that fails or lacks a package is one line and not the end:

* copy: device-to-device copy, the bandwidth that the rest is held against; upload of a 1080p frame; a launch.
* crops: `crop_normalize` for 1, 8 and 64 faces of 48, 112 and 224 pixels from a 1080p frame, BGR and NV12, fp32; small
  faces, which take one tap per pixel; the letterbox of the detector; bytes = output written + frame area under the
  crops read once.
* decode: detector maps to faces, at 320 and 640 pixels, few and many candidates.
* textures: bilinear crops through plain loads and through textures, by a program that `nvcc` compiles on the spot.
* pytorch, cupy, cvcuda: the same crops, in turns with ours on the same GPU.
* tensorrt, onnxruntime: `Pipeline(device="cuda")` with that runtime: frame in to result out, with and without CUDA
  graphs, frame on the host and on the GPU; throughput with 1, 4 and 16 cameras; `Pipeline(device="cpu")` beside it.
* pytorch-session: the same where no such runtime can be installed: the bundled ONNX graphs run by PyTorch on our
  stream, to prove and time the path around the models; no part of the product, and TensorRT's times are others.
* pytorch-pipeline: our networks in eager PyTorch from frame to result on the same GPU.
* counters: hardware counters of the kernels, where Nsight Compute (`ncu`) is installed and may read them.
* tests, sanitizers: the test suite of the CUDA path on this GPU; `.ci/cuda_sanitize` where compute-sanitizer is there.

Method: kernel times are CUDA events around one CUDA graph of many launches, divided by their number, the least of
five; pipeline times are one wall-clock time per call, waiting included, after a warm-up, garbage collector off. Clocks
are as found, read after each section's work, and in the report.
"""
