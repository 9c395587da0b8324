// A lock-free ring between the thread that captures sound and the thread that reads it.
//
// Contract. One thread writes, one reads, neither waits for the other and nothing is allocated after construction.
//
// 1. `write` takes one block as the device delivers it: frames of `channels` interleaved samples, averaged to one sample
//    each. A block that does not fit is dropped whole, its frames count as lost, and sound that waits is kept: the
//    reader owns it.
// 2. Frames are numbered from 0 as the device delivered them; lost ones take numbers too. So number / sample_rate is a
//    time that no loss shifts.
// 3. `read` gives frames of consecutive numbers. It stops before a block that follows lost ones, and before one that
//    was written with `gap`: then the device itself lost sound, nobody knows how much.
// 4. A block cannot arrive before its last frame was captured: time - end / sample_rate is at least the moment of
//    frame 0, and close to it where the block was not delayed. `read` gives the smallest of the blocks that it took
//    frames of, from which a clock is made (edgeaffect/sources/sound_clock.py).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace edgeaffect {

class SampleRing {
 public:
  struct Run {
    size_t frames;  // 0: nothing waits
    uint64_t first;  // number of its first frame
    bool gap;  // the device lost sound before it
    double origin;  // see 4, seconds on the clock of `write`
  };

  // capacity: frames, above 0, rounded up to a power of two. channels, sample_rate (Hz): above 0.
  SampleRing(size_t capacity, int channels, double sample_rate);

  size_t capacity() const { return samples_.size(); }
  int channels() const { return channels_; }

  // Writer: one block that arrived at `time` (seconds). False: it was dropped.
  bool write(const float* interleaved, size_t frames, double time, bool gap);

  // Reader or writer: frames that wait now.
  size_t available() const;

  // Reader: at most `limit` frames to `out`.
  Run read(float* out, size_t limit);

  // Either: frames that did not fit, and blocks with a gap before them, since construction.
  uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  uint64_t gaps() const { return gaps_.load(std::memory_order_relaxed); }

 private:
  struct Block {
    uint64_t first, frames;
    double time;
    bool gap;
  };

  static constexpr size_t kBlocks = 4096;  // power of two

  int channels_;
  double sample_rate_;
  std::vector<float> samples_;
  std::vector<Block> blocks_;
  // Shared. The writer publishes samples and block by `blocks_written_`, the reader gives room back by the other two.
  std::atomic<uint64_t> blocks_written_{0}, frames_written_{0}, blocks_read_{0}, frames_read_{0};
  std::atomic<uint64_t> lost_{0}, gaps_{0};
  uint64_t next_ = 0;  // writer's: number of the next frame
  uint64_t used_ = 0;  // reader's: frames taken of the block that is next
};

// A PaStreamCallback of PortAudio (portaudio.h; PortAudio itself is not needed here) that writes float32 input into the
// SampleRing that `user` points to, with the time of std::chrono::steady_clock (Python's time.monotonic). PortAudio's
// thread never waits for Python so.
int write_from_portaudio(const void* input, void* output, unsigned long frames, const void* times, unsigned long flags,
                         void* user);

}  // namespace edgeaffect
