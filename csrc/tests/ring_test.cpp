// The ring between two threads, without Python: also runs under an emulator and under ThreadSanitizer. Every frame that
// comes out must hold its own number; frames that come out and those that were lost must be all.
#include <atomic>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

#include "audio/ring.h"

namespace {

constexpr uint64_t kFrames = 400'000;
constexpr uint64_t kNumbers = 1 << 20;  // float32 holds each of them
constexpr double kRate = 16000;

struct Outcome {
  uint64_t read = 0, lost = 0, wrong = 0, gaps = 0;
};

Outcome run(size_t capacity, int channels, size_t longest_block, bool patient) {
  edgeaffect::SampleRing ring(capacity, channels, kRate);
  std::atomic<bool> done{false};
  uint64_t written = 0, gaps_written = 0;
  std::thread writer([&] {
    std::mt19937 random(1);
    std::vector<float> block(longest_block * channels);
    while (written < kFrames) {
      const size_t frames = 1 + random() % longest_block;
      for (size_t i = 0; i < frames; ++i) {
        const float value = static_cast<float>((written + i) % kNumbers);
        for (int c = 0; c < channels; ++c) block[i * channels + c] = value + (c % 2 ? -1.0F : 1.0F) * (channels > 1);
      }
      while (patient && ring.capacity() - ring.available() < frames) std::this_thread::yield();
      const bool gap = random() % 50 == 0;
      const double time = static_cast<double>(written + frames) / kRate + 5;
      if (ring.write(block.data(), frames, time, gap)) gaps_written += gap;
      written += frames;
    }
    done.store(true, std::memory_order_release);
  });
  Outcome outcome;
  std::mt19937 random(2);
  std::vector<float> out(2 * longest_block);
  uint64_t expected = 0, gaps = 0;
  while (true) {
    const bool last = done.load(std::memory_order_acquire);
    const edgeaffect::SampleRing::Run got = ring.read(out.data(), 1 + random() % out.size());
    if (got.frames == 0 && last) break;
    if (got.frames == 0) {
      std::this_thread::yield();
      continue;
    }
    gaps += got.gap;
    if (got.first < expected) ++outcome.wrong;
    if (!(got.origin > 5 - 1e-6 && got.origin < 5 + 1e-6)) ++outcome.wrong;
    outcome.read += got.frames;
    for (size_t i = 0; i < got.frames; ++i) {
      if (out[i] != static_cast<float>((got.first + i) % kNumbers)) ++outcome.wrong;
    }
    expected = got.first + got.frames;
  }
  writer.join();
  outcome.lost = ring.lost();
  outcome.gaps = gaps == gaps_written ? 0 : 1;
  if (outcome.read + outcome.lost != written) ++outcome.wrong;
  return outcome;
}

}  // namespace

int main() {
  bool failed = false;
  for (int channels : {1, 2}) {
    for (size_t capacity : {size_t{64}, size_t{1024}, size_t{1} << 16}) {
      for (bool patient : {true, false}) {
        const Outcome got = run(capacity, channels, 48, patient);
        const bool ok = got.wrong == 0 && got.gaps == 0 && (!patient || got.lost == 0 || capacity > 48 * 1024);
        std::printf("ring of %zu, %d channels, %s writer: %llu frames read, %llu lost: %s\n", capacity, channels,
                    patient ? "patient" : "hasty", static_cast<unsigned long long>(got.read),
                    static_cast<unsigned long long>(got.lost), ok ? "ok" : "FAILED");
        failed = failed || !ok;
      }
    }
  }
  return failed ? 1 : 0;
}
