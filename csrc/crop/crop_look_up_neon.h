// Table look-ups in a window of 16x4 pixels by NEON. Internal linkage.
//
// Note [Registers by name]
// A table of four registers must be four neighbours, and vld3q_u8 gives three others. Compilers that see both as structures
// (GCC 12) copy them anew for every look-up: hence the registers are named here, and each is moved once.
#pragma once

#include "crop/crop_pixels_neon.h"
#include "crop/crop_turned.h"

namespace edgeaffect::detail {
namespace {

// What a look-up may read, for the compiler: rows of a frame, which nothing here writes, or of a patch at `from`.
struct Memory {
  uint8_t bytes[1 << 20];
};

// Four rows into tables v16 to v19, v20 to v23 and v24 to v27: `load` fills v28 and following, of which a, b and c are moved.
#define EDGEAFFECT_LOAD_1(load, a)                                                                       \
  __asm__(load "mov v16.16b, " a "\n\t" load "mov v17.16b, " a "\n\t" load "mov v18.16b, " a "\n\t" load \
               "mov v19.16b, " a                                                                         \
          : "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "+r"(from)                                           \
          : "r"(stride), "m"(*reinterpret_cast<const Memory*>(from))                                     \
          : "v28", "v29", "v30", "v31")

#define EDGEAFFECT_LOAD_2(load, a, b)                                                                                  \
  __asm__(load "mov v16.16b, " a "\n\tmov v20.16b, " b "\n\t" load "mov v17.16b, " a "\n\tmov v21.16b, " b "\n\t" load \
               "mov v18.16b, " a "\n\tmov v22.16b, " b "\n\t" load "mov v19.16b, " a "\n\tmov v23.16b, " b             \
          : "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "=w"(b0), "=w"(b1), "=w"(b2), "=w"(b3), "+r"(from)                 \
          : "r"(stride), "m"(*reinterpret_cast<const Memory*>(from))                                                   \
          : "v28", "v29", "v30", "v31")

#define EDGEAFFECT_LOAD_3(load)                                                                                 \
  __asm__(load "mov v16.16b, v28.16b\n\tmov v20.16b, v29.16b\n\tmov v24.16b, v30.16b\n\t" load                  \
               "mov v17.16b, v28.16b\n\tmov v21.16b, v29.16b\n\tmov v25.16b, v30.16b\n\t" load                  \
               "mov v18.16b, v28.16b\n\tmov v22.16b, v29.16b\n\tmov v26.16b, v30.16b\n\t" load                  \
               "mov v19.16b, v28.16b\n\tmov v23.16b, v29.16b\n\tmov v27.16b, v30.16b"                           \
          : "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "=w"(b0), "=w"(b1), "=w"(b2), "=w"(b3), "=w"(c0), "=w"(c1), \
            "=w"(c2), "=w"(c3), "+r"(from)                                                                      \
          : "r"(stride), "m"(*reinterpret_cast<const Memory*>(from))                                            \
          : "v28", "v29", "v30", "v31")

// Look-ups of the window at `from`: pixels[c][i] are the bytes of channel c at places[i], 0 for places beyond the window.
template <class Pixels, int kCount>
[[gnu::always_inline]] inline void look_up(const uint8_t* from, ptrdiff_t stride, const uint8x16_t* places,
                                           uint8x16_t (*pixels)[kCount]) {
  register uint8x16_t a0 __asm__("v16"), a1 __asm__("v17"), a2 __asm__("v18"), a3 __asm__("v19");
  register uint8x16_t b0 __asm__("v20"), b1 __asm__("v21"), b2 __asm__("v22"), b3 __asm__("v23");
  register uint8x16_t c0 __asm__("v24"), c1 __asm__("v25"), c2 __asm__("v26"), c3 __asm__("v27");
  constexpr int kStep = Pixels::kStep, kChannels = Pixels::kChannels;
  if constexpr (kStep == 1) {
    __asm__("ld1 {v16.16b}, [%4], %5\n\tld1 {v17.16b}, [%4], %5\n\tld1 {v18.16b}, [%4], %5\n\tld1 {v19.16b}, [%4]"
            : "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "+r"(from)
            : "r"(stride), "m"(*reinterpret_cast<const Memory*>(from)));
  } else if constexpr (kStep == 2 && kChannels == 1) {
    EDGEAFFECT_LOAD_1("ld2 {v28.16b, v29.16b}, [%4], %5\n\t", "v28.16b");
  } else if constexpr (kStep == 2) {
    EDGEAFFECT_LOAD_2("ld2 {v28.16b, v29.16b}, [%8], %9\n\t", "v28.16b", "v29.16b");
  } else if constexpr (kStep == 3) {
    EDGEAFFECT_LOAD_3("ld3 {v28.16b, v29.16b, v30.16b}, [%12], %13\n\t");
  } else if constexpr (kChannels == 2) {
    EDGEAFFECT_LOAD_2("ld4 {v28.16b, v29.16b, v30.16b, v31.16b}, [%8], %9\n\t", "v29.16b", "v31.16b");
  } else {
    EDGEAFFECT_LOAD_3("ld4 {v28.16b, v29.16b, v30.16b, v31.16b}, [%12], %13\n\t");
  }
  for (int i = 0; i < kCount; ++i) {
    __asm__("tbl %0.16b, {v16.16b, v17.16b, v18.16b, v19.16b}, %1.16b"
            : "=w"(pixels[0][i])
            : "w"(places[i]), "w"(a0), "w"(a1), "w"(a2), "w"(a3));
  }
  if constexpr (kChannels > 1) {
    for (int i = 0; i < kCount; ++i) {
      __asm__("tbl %0.16b, {v20.16b, v21.16b, v22.16b, v23.16b}, %1.16b"
              : "=w"(pixels[1][i])
              : "w"(places[i]), "w"(b0), "w"(b1), "w"(b2), "w"(b3));
    }
  }
  if constexpr (kChannels > 2) {
    for (int i = 0; i < kCount; ++i) {
      __asm__("tbl %0.16b, {v24.16b, v25.16b, v26.16b, v27.16b}, %1.16b"
              : "=w"(pixels[2][i])
              : "w"(places[i]), "w"(c0), "w"(c1), "w"(c2), "w"(c3));
    }
  }
}

#undef EDGEAFFECT_LOAD_1
#undef EDGEAFFECT_LOAD_2
#undef EDGEAFFECT_LOAD_3

}  // namespace
}  // namespace edgeaffect::detail
