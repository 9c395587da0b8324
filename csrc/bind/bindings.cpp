// edgeaffect._core: a table of contents, one bind_x per header.
#include "bind/bindings.h"

PYBIND11_MODULE(_core, m) {
  m.doc() = "edgeaffect's native core; use edgeaffect.native, which checks that it fits the Python sources.";
  m.attr("__version__") = EDGEAFFECT_VERSION;
  edgeaffect::bind_audio(m);
  edgeaffect::bind_crop_normalize(m);
  edgeaffect::bind_detect_decode(m);
  edgeaffect::bind_ring(m);
  edgeaffect::bind_track(m);
}
