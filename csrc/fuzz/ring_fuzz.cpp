// SampleRing beside a naive queue: any order of blocks and reads gives the frames of the queue, their numbers, losses and gaps.
#include <deque>
#include <memory>

#include "audio/ring.h"
#include "fuzz/fuzz.h"

namespace {

struct Waiting {
  uint64_t number;
  bool gap;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  FuzzedDataProvider data(bytes, length);
  const size_t wanted = data.ConsumeIntegralInRange<size_t>(1, 70);
  const int channels = data.ConsumeIntegralInRange(1, 3);
  edgeaffect::SampleRing ring(wanted, channels, data.ConsumeFloatingPointInRange<double>(1000, 384'000));
  FUZZ_CHECK(ring.capacity() >= wanted && ring.capacity() < 2 * wanted);
  std::deque<Waiting> held;
  uint64_t next = 0, lost = 0, gaps = 0;
  while (data.remaining_bytes() > 0) {
    if (data.ConsumeBool()) {
      const size_t frames = data.ConsumeIntegralInRange<size_t>(0, 80);
      const bool gap = data.ConsumeBool();
      const auto block = std::make_unique<float[]>(frames * static_cast<size_t>(channels));
      for (size_t i = 0; i < frames; ++i) {
        for (int c = 0; c < channels; ++c)
          block[i * static_cast<size_t>(channels) + static_cast<size_t>(c)] = static_cast<float>(next + i);
      }
      const bool fits = held.size() + frames <= ring.capacity();
      const double arrival = static_cast<double>(next + frames) / 1000;
      FUZZ_CHECK(ring.write(block.get(), frames, arrival, gap) == fits);
      gaps += gap && frames > 0;
      for (size_t i = 0; fits && i < frames; ++i) held.push_back({next + i, gap && i == 0});
      if (!fits) lost += frames;
      next += frames;
    } else {
      const size_t limit = data.ConsumeIntegralInRange<size_t>(1, 90);
      const auto out = std::make_unique<float[]>(limit);
      const edgeaffect::SampleRing::Run run = ring.read(out.get(), limit);
      FUZZ_CHECK(run.frames <= limit && (run.frames > 0) == !held.empty());
      for (size_t i = 0; i < run.frames; ++i) {
        FUZZ_CHECK(held.front().number == run.first + i && held.front().gap == (i == 0 && run.gap));
        // The mean of equal numbers; one share of channels is rounded once.
        FUZZ_CHECK(out[i] >= static_cast<float>(held.front().number) * 0.9999F &&
                   out[i] <= static_cast<float>(held.front().number) * 1.0001F);
        held.pop_front();
      }
      // It stops early only before a gap or a loss.
      FUZZ_CHECK(run.frames == limit || held.empty() || held.front().gap ||
                 held.front().number != run.first + run.frames);
    }
    FUZZ_CHECK(ring.available() == held.size() && ring.lost() == lost && ring.gaps() == gaps);
  }
  return 0;
}
