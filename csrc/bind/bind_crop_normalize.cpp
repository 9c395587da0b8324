#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

#include "bind/bind_frame.h"
#include "bind/bind_params.h"
#include "bind/bindings.h"
#include "crop/crop_normalize.h"

namespace py = pybind11;

namespace edgeaffect {
namespace {

constexpr const char* kCropDoc =
    R"doc(N crops of one frame as a model input, in one pass: affine, multi-tap bilinear, colour, mean/std, layout, dtype.

The formula stands in csrc/crop/crop_normalize.h. Releases the GIL while it works.

Args:
    frame: uint8; bgr, rgb [H, W, 3], bgra [H, W, 4], gray [H, W], yuyv [H, W, 2], nv12 [H * 3 / 2, W] or a pair
        (y [H, W], uv [H / 2, W / 2, 2]); nv12 and yuyv also as a 1-D buffer with `frame_size` (and `strides`). Rows
        may have any stride, also a negative one; the pixels of a row must be contiguous.
    matrices: float32 or float64 [N, 2, 3], output to frame: src = M (x + .5, y + .5, 1) - .5. N may be 0.
    size: (width, height) of the output.
    color: pixel format of the frame: bgr, rgb, bgra, gray, nv12, yuyv.
    to: rgb, bgr or gray.
    scale, mean, std: value = (pixel * scale - mean) / std; mean and std hold one number or one per channel.
    layout: nchw or nhwc.
    dtype: float32, float16 or int8 (round half to even, saturated).
    quant: (scale, zero_point) of int8.
    border: constant or replicate; border_value is a grey level 0..255.
    yuv_matrix: bt601 or bt709; yuv_range: limited or full.
    frame_size: (width, height) of a 1-D buffer; strides: bytes per row, (y, uv) or (yuyv,), default tight.
    out: buffer to fill, C-contiguous, of the result's shape and dtype; no part of the frame or the matrices.

Returns:
    [N, C, height, width] or [N, height, width, C]; `out` itself when given.

Raises:
    TypeError: frame not uint8, matrices not floating.
    ValueError: a shape, stride or option that is not allowed; a matrix that is singular, not finite, or asks for more
        samples than a call may take; numbers that float32 cannot hold.)doc";

py::array bytes_array(const py::handle& object, const char* name) {
  if (!py::isinstance<py::array>(object)) {
    throw py::type_error(std::string(name) + " must be a NumPy array of uint8; got " +
                         std::string(py::str(py::type::of(object).attr("__name__"))));
  }
  py::array a = py::reinterpret_borrow<py::array>(object);
  if (!a.dtype().equal(py::dtype::of<uint8_t>())) {
    throw py::type_error(std::string(name) + " must be uint8; got " + std::string(py::str(a.dtype())));
  }
  return a;
}

// Checks [height, width] or [height, width, bytes] and that the pixels of a row are contiguous.
void check_image(const py::array& a, int bytes, const char* shape, const std::string& color) {
  const bool packed = bytes == 1;
  require(a.ndim() == (packed ? 2 : 3) && (packed || a.shape(2) == bytes),
          [&] { return "a " + color + " frame must have shape " + shape + "; got " + shape_text(a); });
  require(a.size() > 0, [&] { return "the frame is empty: shape " + shape_text(a); });
  const bool contiguous = (a.shape(1) == 1 || a.strides(1) == bytes) && (packed || a.strides(2) == 1);
  require(contiguous, "the pixels of a row must be contiguous; use numpy.ascontiguousarray(frame)");
}

const uint8_t* bytes_of(const py::array& a) { return static_cast<const uint8_t*>(a.data()); }

int side(py::ssize_t value) { return static_cast<int>(std::min<py::ssize_t>(value, kMaxFrameSide + 1)); }

using Size = std::pair<int, int>;

// Before strides are multiplied by heights: products of larger ones overflow.
void check_span(py::ssize_t stride, py::ssize_t rows) {
  const bool fits = stride >= -kMaxFrameSpan && stride <= kMaxFrameSpan &&
                    std::abs(stride) * std::min<py::ssize_t>(rows, kMaxFrameSpan) <= kMaxFrameSpan;
  require(fits, "the frame spans 2 GiB or more from its first to its last row; copy it into fewer bytes");
}

void set_image(Frame& f, const py::array& a) {
  check_span(a.strides(0), a.shape(0));
  f.width = side(a.shape(1));
  f.height = side(a.shape(0));
  f.data = bytes_of(a);
  f.stride = a.strides(0);
}

void set_buffer(Frame& f, const py::array& a, const std::optional<Size>& frame_size,
                const std::optional<std::vector<py::ssize_t>>& strides, const std::string& color) {
  require(a.strides(0) == 1 || a.size() <= 1, "a 1-D frame must be contiguous; use numpy.ascontiguousarray(frame)");
  require(frame_size.has_value(), [&] { return "a 1-D " + color + " frame needs frame_size=(width, height)"; });
  const bool nv12 = f.format == PixelFormat::kNv12;
  require(nv12 || f.format == PixelFormat::kYuyv,
          [&] { return "only nv12 and yuyv frames may be 1-D buffers; got color '" + color + "'"; });
  f.width = frame_size->first;
  f.height = frame_size->second;
  require(f.width >= 1 && f.height >= 1, "frame_size must be positive");
  const py::ssize_t row = nv12 ? f.width : 2 * static_cast<py::ssize_t>(f.width);
  const size_t wanted = nv12 ? 2 : 1;
  require(!strides || strides->size() == wanted, [&] {
    return std::string("strides must be ") + (nv12 ? "(y, uv)" : "(yuyv,)") + " in bytes for a " + color + " buffer";
  });
  f.stride = strides ? strides->at(0) : row;
  f.uv_stride = strides && nv12 ? strides->at(1) : row;
  require(f.stride >= row && f.uv_stride >= (nv12 ? row : 0), [&] {
    return "strides must be at least " + std::to_string(row) + " bytes for a width of " + std::to_string(f.width);
  });
  check_span(f.stride, f.height);
  check_span(f.uv_stride, f.height);
  const py::ssize_t luma = f.stride * f.height;
  const py::ssize_t needed = nv12 ? luma + f.uv_stride * (f.height / 2 - 1) + row : f.stride * (f.height - 1) + row;
  require(a.size() >= needed, [&] {
    return "the buffer holds " + std::to_string(a.size()) + " bytes; a " + color + " frame of " +
           std::to_string(f.width) + "x" + std::to_string(f.height) + " needs " + std::to_string(needed);
  });
  f.data = bytes_of(a);
  if (nv12) f.uv = f.data + luma;
}

void check_even(const Frame& f, const std::string& color) {
  require(f.width % 2 == 0 && (f.format != PixelFormat::kNv12 || f.height % 2 == 0), [&] {
    return "a " + color + " frame has an even width" + (f.format == PixelFormat::kNv12 ? " and height" : "") +
           "; got " + std::to_string(f.width) + "x" + std::to_string(f.height);
  });
}

Frame read_frame(const py::object& object, const std::string& color, const std::optional<Size>& frame_size,
                 const std::optional<std::vector<py::ssize_t>>& strides) {
  Frame f;
  f.format = choice("color", color, kFormats);
  if (f.format == PixelFormat::kNv12 && py::isinstance<py::tuple>(object)) {
    const py::tuple pair = py::reinterpret_borrow<py::tuple>(object);
    require(pair.size() == 2,
            [&] { return "an nv12 pair is (y, uv); got " + std::to_string(pair.size()) + " entries"; });
    const py::array y = bytes_array(pair[0], "y"), uv = bytes_array(pair[1], "uv");
    check_image(y, 1, "[height, width]", "nv12 y");
    check_image(uv, 2, "[height / 2, width / 2, 2]", "nv12 uv");
    set_image(f, y);
    check_even(f, color);
    require(uv.shape(0) * 2 == y.shape(0) && uv.shape(1) * 2 == y.shape(1), [&] {
      return "uv must have half of y's height and width; got y " + shape_text(y) + ", uv " + shape_text(uv);
    });
    check_span(uv.strides(0), uv.shape(0));
    f.uv = bytes_of(uv);
    f.uv_stride = uv.strides(0);
    return f;
  }
  const py::array a = bytes_array(object, "frame");
  if (a.ndim() == 1) {
    set_buffer(f, a, frame_size, strides, color);
    check_even(f, color);
    return f;
  }
  require(!frame_size && !strides,
          [&] { return "frame_size and strides belong to 1-D buffers; this frame has shape " + shape_text(a); });
  switch (f.format) {
    case PixelFormat::kBgr:
    case PixelFormat::kRgb:
      check_image(a, 3, "[height, width, 3]", color);
      break;
    case PixelFormat::kBgra:
      check_image(a, 4, "[height, width, 4]", color);
      break;
    case PixelFormat::kGray:
      check_image(a, 1, "[height, width]", color);
      break;
    case PixelFormat::kYuyv:
      check_image(a, 2, "[height, width, 2]", color);
      break;
    case PixelFormat::kNv12:
      check_image(a, 1, "[height * 3 / 2, width]", color);
      require(a.shape(0) % 3 == 0, [&] {
        return "an nv12 frame has height * 3 / 2 rows; " + std::to_string(a.shape(0)) + " is no multiple of 3";
      });
      break;
  }
  set_image(f, a);
  if (f.format == PixelFormat::kNv12) {
    f.height = side(a.shape(0) / 3 * 2);
    f.uv = f.data + f.stride * f.height;
    f.uv_stride = f.stride;
  }
  if (f.format == PixelFormat::kNv12 || f.format == PixelFormat::kYuyv) check_even(f, color);
  return f;
}

py::array_t<double> read_matrices(const py::object& object) {
  py::array a = py::array::ensure(object);
  if (!a || a.dtype().kind() != 'f') throw py::type_error("matrices must be a float32 or float64 array [N, 2, 3]");
  require(a.ndim() == 3 && a.shape(1) == 2 && a.shape(2) == 3,
          [&] { return "matrices must have shape [N, 2, 3]; got " + shape_text(a); });
  return py::array_t<double, py::array::c_style | py::array::forcecast>(a);
}

py::dtype element_dtype(Element element) {
  return element == Element::kFloat32 ? py::dtype::of<float>()
                                      : py::dtype(element == Element::kInt8 ? "int8" : "float16");
}

py::array output(const py::object& out, const std::vector<py::ssize_t>& shape, Element element) {
  const py::dtype dtype = element_dtype(element);
  if (out.is_none()) return py::array(dtype, shape);
  if (!py::isinstance<py::array>(out)) throw py::type_error("out must be a NumPy array");
  py::array a = py::reinterpret_borrow<py::array>(out);
  const bool same = a.dtype().equal(dtype) && a.ndim() == static_cast<py::ssize_t>(shape.size()) &&
                    std::equal(shape.begin(), shape.end(), a.shape());
  require(same && (a.flags() & py::array::c_style) && a.writeable(), [&] {
    return "out must be a writeable C-contiguous " + std::string(py::str(dtype)) + " array of shape " +
           std::string(py::str(py::tuple(py::cast(shape)))) + "; got " + std::string(py::str(a.dtype())) + " " +
           shape_text(a);
  });
  return a;
}

struct Bytes {
  const uint8_t* begin;
  const uint8_t* end;

  // The bytes that rows cover, which may lie in falling order.
  static Bytes of_rows(const uint8_t* first, ptrdiff_t stride, int rows, ptrdiff_t row_bytes) {
    const uint8_t* last = first + stride * (rows - 1);
    return {std::min(first, last, std::less<>()), std::max(first, last, std::less<>()) + row_bytes};
  }
  bool overlaps(const Bytes& other) const { return std::less<>()(begin, other.end) && std::less<>()(other.begin, end); }
};

ptrdiff_t pixel_bytes(PixelFormat format) {
  switch (format) {
    case PixelFormat::kBgra:
      return 4;
    case PixelFormat::kBgr:
    case PixelFormat::kRgb:
      return 3;
    case PixelFormat::kYuyv:
      return 2;
    default:
      return 1;
  }
}

// The crops are written while the frame is still read.
void check_apart(const Frame& f, const py::array_t<double>& matrices, const py::array& out) {
  if (out.nbytes() == 0) return;
  const auto whole = [](const py::array& a) {
    const uint8_t* begin = bytes_of(a);
    return Bytes{begin, begin + a.nbytes()};
  };
  const Bytes target = whole(out);
  bool apart = !target.overlaps(whole(matrices)) &&
               !target.overlaps(Bytes::of_rows(f.data, f.stride, f.height, f.width * pixel_bytes(f.format)));
  if (f.uv) apart = apart && !target.overlaps(Bytes::of_rows(f.uv, f.uv_stride, f.height / 2, f.width));
  require(apart, "out overlaps the memory of the frame or of the matrices; give it memory of its own");
}

py::array crop_normalize_py(const py::object& frame, const py::object& matrices, const Size& size,
                            const std::string& color, const std::string& to, double scale,
                            const std::vector<double>& mean, const std::vector<double>& std, const std::string& layout,
                            const std::string& dtype, const std::optional<std::pair<double, int>>& quant,
                            const std::string& border, int border_value, const std::string& yuv_matrix,
                            const std::string& yuv_range, const std::optional<Size>& frame_size,
                            const std::optional<std::vector<py::ssize_t>>& strides, const py::object& out) {
  Frame f = read_frame(frame, color, frame_size, strides);
  f.yuv_matrix = choice("yuv_matrix", yuv_matrix, kMatrices);
  f.yuv_range = choice("yuv_range", yuv_range, kRanges);
  const CropParams p = read_params(size, to, scale, mean, std, layout, dtype, quant, border, border_value);
  const py::array_t<double> m = read_matrices(matrices);
  const py::ssize_t n = m.shape(0), c = channels(p.color);
  const bool planar = p.layout == Layout::kNchw;
  py::array result = output(
      out,
      planar ? std::vector<py::ssize_t>{n, c, p.height, p.width} : std::vector<py::ssize_t>{n, p.height, p.width, c},
      p.element);
  check_apart(f, m, result);
  const double* data = m.data();
  void* target = result.mutable_data();
  {
    py::gil_scoped_release release;
    crop_normalize(f, data, static_cast<size_t>(n), p, target);
  }
  return result;
}

}  // namespace

Frame frame_of(const py::object& object, const std::string& color) {
  return read_frame(object, color, std::nullopt, std::nullopt);
}

void bind_crop_normalize(py::module_& m) {
  m.def("crop_normalize", &crop_normalize_py, py::arg("frame"), py::arg("matrices"), py::arg("size"), py::kw_only(),
        py::arg("color") = "bgr", py::arg("to") = "rgb", py::arg("scale") = 1.0 / 255.0,
        py::arg("mean") = std::vector<double>{0.0}, py::arg("std") = std::vector<double>{1.0},
        py::arg("layout") = "nchw", py::arg("dtype") = "float32", py::arg("quant") = py::none(),
        py::arg("border") = "constant", py::arg("border_value") = 0, py::arg("yuv_matrix") = "bt601",
        py::arg("yuv_range") = "limited", py::arg("frame_size") = py::none(), py::arg("strides") = py::none(),
        py::arg("out") = py::none(), kCropDoc);
  m.def("simd", &simd_path, "The arithmetic in use: scalar, avx2, avx512 or neon; EDGEAFFECT_SIMD forces one.");
}

}  // namespace edgeaffect
