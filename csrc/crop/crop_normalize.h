// Fused preprocessing: N boxes of one 8-bit camera frame become one model input, in one pass.
//
// Contract. Every implementation (this one, its SIMD units, edgeaffect._pure, the CUDA kernel) computes:
//
// 1. Geometry. A row-major 2x3 matrix M per box maps output to frame. Pixel indices are integers at
//    pixel centres, which lie at +0.5:
//        (u, v) = M (x + 0.5, y + 0.5, 1)^T - (0.5, 0.5)        x, y: output indices; u, v: frame indices
// 2. Planes. A frame is one plane (BGR, RGB, BGRA, GRAY) or luma and chroma (NV12, YUYV). Chroma is
//    sited at the centre of the luma pixels that share it (2x2 for NV12, 2x1 for YUYV: the siting that
//    V4L2 documents), so a chroma plane is an image with the matrix
//        M_chroma = diag(1/2, 1/2 or 1) M      (in the centres-at-+0.5 frame no offset remains)
//    and each plane is sampled with its own matrix by step 3.
// 3. Taps. Per axis a, n_a = max(1, ceil(norm of column a of the plane's M)). An output pixel is the
//    mean of nx * ny bilinear samples at
//        (x + (i + 0.5) / nx,  y + (j + 0.5) / ny)              i < nx, j < ny
//    mapped by step 1. There is no switch between scales.
// 4. Border, per bilinear corner: `replicate` takes the nearest pixel of the plane; `constant` takes
//    border_value (0..255), a grey level: luma planes hold its luma, chroma planes hold 128.
// 5. Colour, in fp32 after sampling. YUV -> RGB by BT.601 or BT.709, limited (16..235, 16..240) or full range,
//    not clipped. Grey of a colour frame is 0.299 R + 0.587 G + 0.114 B; RGB of a grey frame repeats it. The grey of
//    a YUV frame is its range-expanded luma.
// 6. Normalisation: value = (pixel * scale - mean[c]) / std[c], folded with step 5 into one affine map.
// 7. Element: float32; float16 (round to nearest even); int8: round half to even of
//    value / quant_scale + quant_zero, saturated to -128..127.
// 8. Layout: [N, C, height, width] or [N, height, width, C], contiguous.
//
// The arithmetic and its error bounds: Note [Fixed-point taps] in crop_taps.h (rotated boxes) and Note [Sums in 16 bits] in
// crop_sums.h (axis-aligned ones), with the same bits on the scalar, AVX2 and NEON units; on AVX-512 Note [Windows] in
// crop_windows.h and Note [Sums of rows and columns] in crop_aligned_avx512.h, or Note [Sums in 16 bits].
// Calls are thread-safe, do not wait on anything, and allocate nothing once a thread's scratch is warm.
#pragma once

#include <cstddef>
#include <cstdint>

namespace edgeaffect {

enum class PixelFormat { kBgr, kRgb, kBgra, kGray, kNv12, kYuyv };
enum class OutputColor { kRgb, kBgr, kGray };
enum class Layout { kNchw, kNhwc };
enum class Element { kFloat32, kFloat16, kInt8 };
enum class Border { kConstant, kReplicate };
enum class YuvMatrix { kBt601, kBt709 };
enum class YuvRange { kLimited, kFull };

// A frame that the caller owns. Rows may lie at any distance, also a negative one; pixels of a row are contiguous.
struct Frame {
  PixelFormat format = PixelFormat::kBgr;
  int width = 0;  // pixels; even for NV12 and YUYV
  int height = 0;  // pixels; even for NV12
  const uint8_t* data = nullptr;  // first pixel of row 0 (luma for NV12)
  ptrdiff_t stride = 0;  // bytes from row to row
  const uint8_t* uv = nullptr;  // NV12 only: interleaved U, V
  ptrdiff_t uv_stride = 0;
  YuvMatrix yuv_matrix = YuvMatrix::kBt601;
  YuvRange yuv_range = YuvRange::kLimited;
};

struct CropParams {
  int width = 0;  // output pixels
  int height = 0;
  OutputColor color = OutputColor::kRgb;
  Layout layout = Layout::kNchw;
  Element element = Element::kFloat32;
  float scale = 1.0f / 255.0f;
  float mean[3] = {0, 0, 0};
  float std[3] = {1, 1, 1};
  float quant_scale = 1;  // int8 only
  int quant_zero = 0;
  Border border = Border::kConstant;
  int border_value = 0;
};

inline int channels(OutputColor color) { return color == OutputColor::kGray ? 1 : 3; }

// Writes count crops to `out`. `matrices` holds count row-major 2x3 matrices.
// Throws std::invalid_argument for a matrix that is not finite, is singular, shrinks an axis by more than kMaxTaps, or
// asks for more samples than kMaxRowSamples or kMaxSamples; for a frame or size out of range; and for a normalisation
// that fp32 cannot hold. Nothing has been written then. `out` may not overlap the frame.
void crop_normalize(const Frame& frame, const double* matrices, size_t count, const CropParams& params, void* out);

constexpr int kMaxTaps = 16384;  // per axis: an 8K frame into one pixel is allowed
constexpr int kMaxFrameSide = 32768;  // pixels
// A call cannot be interrupted: what it may ask for is bounded. Samples are nx * ny per output pixel (step 3).
constexpr int64_t kMaxRowSamples = int64_t{1} << 22;  // width * nx of one box: 128 of the widest frames; bounds scratch
constexpr int64_t kMaxSamples = int64_t{1} << 31;  // of all boxes of a call: the largest frame twice over
constexpr int64_t kMaxFrameSpan = 2147483647;  // bytes from the first to the last row

// The arithmetic in use: "scalar", "avx2", "avx512" or "neon". Chosen once from the processor, or forced by
// the environment variable EDGEAFFECT_SIMD; throws std::runtime_error when the forced one is not available here.
const char* simd_path();

}  // namespace edgeaffect
