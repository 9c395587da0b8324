#pragma once

#include <pybind11/pybind11.h>

namespace edgeaffect {

void bind_audio(pybind11::module_& m);
void bind_crop_normalize(pybind11::module_& m);
void bind_detect_decode(pybind11::module_& m);
void bind_ring(pybind11::module_& m);
void bind_track(pybind11::module_& m);

}  // namespace edgeaffect
