// A camera frame as it comes from Python; for every function that takes one.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "crop/crop_normalize.h"

namespace edgeaffect {

// The arrays and messages are those of `crop_normalize` in Python, without 1-D buffers.
Frame frame_of(const pybind11::object& object, const std::string& color);

}  // namespace edgeaffect
