// Checks of what comes in from Python; shared by the bindings.
#pragma once

#include <pybind11/numpy.h>

#include <string>
#include <type_traits>

namespace edgeaffect {

// `message` is a text, or a function that makes one: it is called only when the condition does not hold.
template <class Message>
void require(bool condition, const Message& message) {
  if (condition) return;
  if constexpr (std::is_invocable_v<Message>) {
    throw pybind11::value_error(message());
  } else {
    throw pybind11::value_error(message);
  }
}

inline std::string shape_text(const pybind11::array& a) {
  std::string text = "[";
  for (pybind11::ssize_t i = 0; i < a.ndim(); ++i) text += (i ? ", " : "") + std::to_string(a.shape(i));
  return text + "]";
}

}  // namespace edgeaffect
