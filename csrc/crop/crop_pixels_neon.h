// Pixels of interleaved planes by NEON: 16 are loaded at a time, one register per byte of a pixel. Internal linkage.
#pragma once

#include <arm_neon.h>

#include "crop/crop_normalize_kernels.h"

namespace edgeaffect::detail {
namespace {

constexpr int kLoadPixels = 16;

// What a plane's pixels look like: bytes from pixel to pixel, and those that are channels, bit by bit.
template <int kStepBytes, unsigned kChannelBytes>
struct PixelBytes {
  static constexpr int kStep = kStepBytes;
  static constexpr int kChannels = __builtin_popcount(kChannelBytes);

  // The byte of the i-th channel in memory.
  static constexpr int byte(int i) {
    int at = 0;
    for (int seen = 0; at < kStep; ++at) {
      if ((kChannelBytes >> at & 1) != 0 && seen++ == i) break;
    }
    return at;
  }

  // Kernels go through channels as they lie in memory: to[i] of a plane's own order.
  template <class T>
  static void in_memory_order(const Plane& plane, T* const* from, T** to) {
    for (int i = 0; i < kChannels; ++i) {
      int channel = 0;
      while (channel < kChannels - 1 && plane.offset[channel] != byte(i)) ++channel;
      to[i] = from[channel];
    }
  }

  // 16 pixels, channel by channel.
  [[gnu::always_inline]] static void load(const uint8_t* from, uint8x16_t* channels) {
    if constexpr (kStep == 1) {
      channels[0] = vld1q_u8(from);
    } else if constexpr (kStep == 2) {
      pick(vld2q_u8(from).val, channels);
    } else if constexpr (kStep == 3) {
      pick(vld3q_u8(from).val, channels);
    } else {
      pick(vld4q_u8(from).val, channels);
    }
  }

 private:
  [[gnu::always_inline]] static void pick(const uint8x16_t* bytes, uint8x16_t* channels) {
    channels[0] = bytes[byte(0)];
    if constexpr (kChannels > 1) channels[1] = bytes[byte(1)];
    if constexpr (kChannels > 2) channels[2] = bytes[byte(2)];
  }
};

// Calls f(PixelBytes) with what `plane` holds.
template <class F>
void with_pixel_bytes(const Plane& plane, const F& f) {
  if (plane.step == 1) return f(PixelBytes<1, 0b1>{});
  if (plane.step == 2 && plane.channels == 1) return f(PixelBytes<2, 0b01>{});
  if (plane.step == 2) return f(PixelBytes<2, 0b11>{});
  if (plane.step == 3) return f(PixelBytes<3, 0b111>{});
  if (plane.channels == 2) return f(PixelBytes<4, 0b1010>{});
  return f(PixelBytes<4, 0b0111>{});
}

}  // namespace
}  // namespace edgeaffect::detail
