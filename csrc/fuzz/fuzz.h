// What the fuzz targets share. A target is built by EDGEAFFECT_FUZZ (CMakeLists.txt); docs/robustness.md says how it is run.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <cstdio>
#include <cstdlib>

// A broken promise ends the process, so that libFuzzer keeps the input; assert() would vanish in release builds.
#define FUZZ_CHECK(condition)                                                             \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)
