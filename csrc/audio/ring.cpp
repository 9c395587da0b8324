#include "audio/ring.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>

namespace edgeaffect {
namespace {

size_t power_of_two(size_t least) {
  size_t size = 1;
  while (size < least) size *= 2;
  return size;
}

}  // namespace

SampleRing::SampleRing(size_t capacity, int channels, double sample_rate)
    : channels_(channels), sample_rate_(sample_rate), samples_(power_of_two(capacity)), blocks_(kBlocks) {}

bool SampleRing::write(const float* interleaved, size_t frames, double time, bool gap) {
  if (frames == 0) return true;
  const uint64_t begin = frames_written_.load(std::memory_order_relaxed);
  const uint64_t block = blocks_written_.load(std::memory_order_relaxed);
  const uint64_t first = next_;
  if (gap) gaps_.fetch_add(1, std::memory_order_relaxed);
  next_ += frames;
  const size_t waiting = static_cast<size_t>(begin - frames_read_.load(std::memory_order_acquire));
  if (frames > samples_.size() - waiting || block - blocks_read_.load(std::memory_order_acquire) == kBlocks) {
    lost_.fetch_add(frames, std::memory_order_relaxed);
    return false;
  }
  const size_t mask = samples_.size() - 1;
  const float share = 1.0F / static_cast<float>(channels_);
  for (size_t i = 0; i < frames; ++i, interleaved += channels_) {
    float sum = 0;
    for (int channel = 0; channel < channels_; ++channel) sum += interleaved[channel];
    samples_[(begin + i) & mask] = channels_ == 1 ? sum : sum * share;
  }
  blocks_[block % kBlocks] = {first, frames, time, gap};
  frames_written_.store(begin + frames, std::memory_order_release);
  blocks_written_.store(block + 1, std::memory_order_release);
  return true;
}

size_t SampleRing::available() const {
  return static_cast<size_t>(frames_written_.load(std::memory_order_acquire) -
                             frames_read_.load(std::memory_order_relaxed));
}

SampleRing::Run SampleRing::read(float* out, size_t limit) {
  const uint64_t end = blocks_written_.load(std::memory_order_acquire);
  uint64_t block = blocks_read_.load(std::memory_order_relaxed), at = frames_read_.load(std::memory_order_relaxed);
  Run run{0, 0, false, std::numeric_limits<double>::infinity()};
  const size_t mask = samples_.size() - 1;
  for (; block != end && run.frames < limit; ++block, used_ = 0) {
    const Block& next = blocks_[block % kBlocks];
    if (run.frames == 0) {
      run.first = next.first + used_;
      run.gap = next.gap && used_ == 0;
    } else if (next.gap || next.first != run.first + run.frames) {
      break;
    }
    run.origin = std::min(run.origin, next.time - static_cast<double>(next.first + next.frames) / sample_rate_);
    const size_t taken = std::min(limit - run.frames, static_cast<size_t>(next.frames - used_));
    const size_t place = at & mask, straight = std::min(taken, samples_.size() - place);
    std::memcpy(out + run.frames, samples_.data() + place, straight * sizeof(float));
    std::memcpy(out + run.frames + straight, samples_.data(), (taken - straight) * sizeof(float));
    run.frames += taken;
    at += taken;
    used_ += taken;
    if (used_ < next.frames) break;
  }
  frames_read_.store(at, std::memory_order_release);
  blocks_read_.store(block, std::memory_order_release);
  return run;
}

int write_from_portaudio(const void* input, void*, unsigned long frames, const void*, unsigned long flags, void* user) {
  constexpr unsigned long kInputOverflow = 2;  // paInputOverflow
  const std::chrono::duration<double> now = std::chrono::steady_clock::now().time_since_epoch();
  static_cast<SampleRing*>(user)->write(static_cast<const float*>(input), frames, now.count(),
                                        (flags & kInputOverflow) != 0);
  return 0;  // paContinue
}

}  // namespace edgeaffect
