// SPDX-License-Identifier: Apache-2.0
#include "gate/run/beat_note.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

constexpr MemoryBeat beat{100e-6, 99.9e-6, 100.1e-6, 0.5e-6};

/// A run whose layer takes `layer_us`; a counters process found the beat.
RunRecord run_with_beat(double layer_us) {
  RunRecord run = run_of(small_plan({"o_proj", "layer"}), {{100, 100}, {layer_us, layer_us}});
  for (ProcessRecord& process : run.processes)
    if (process.kind == ProcessKind::counters) process.memory_beat = beat;
  return run;
}

}  // namespace

TEST_CASE("a period is a multiple of the beat within 3 % and a tenth of a beat", "[beat_note]") {
  CHECK(beats_in(100e-6, beat) == 1);
  CHECK(beats_in(102.9e-6, beat) == 1);
  CHECK_FALSE(beats_in(103.2e-6, beat));
  CHECK(beats_in(195e-6, beat) == 2);    // 2.6 % off
  CHECK_FALSE(beats_in(193e-6, beat));   // 3.6 %
  CHECK(beats_in(1009e-6, beat) == 10);  // 0.9 %, and 0.09 beats
  CHECK_FALSE(beats_in(1011e-6, beat));  // 1.1 %, but 0.11 beats
  CHECK_FALSE(beats_in(1e-6, beat));
  CHECK_FALSE(beats_in(0, beat));
}

TEST_CASE("a layer that keeps time with the memory is named", "[beat_note]") {
  const std::vector<std::string> notes = beat_notes(run_with_beat(198));
  REQUIRE(notes.size() == 1);  // o_proj takes a beat, too, but it is no whole
  CHECK_THAT(notes[0], StartsWith("llama-2-7b/b1/s1024/fp16/layer takes 198.00 us, 1.98 times the "
                                  "memory's beat of 100.00 us: "));
  CHECK_THAT(notes[0],
             EndsWith("where it is repeated at that distance, the beat hits the same ones "
                      "of its parts every time"));
  CHECK(beat_notes(run_with_beat(150)).empty());

  RunRecord dithered = run_with_beat(198);
  for (ProcessRecord& process : dithered.processes) process.dither = Dither{1, 120e-6};
  CHECK_THAT(beat_notes(dithered).at(0), ContainsSubstring("measured without random waits"));
}

TEST_CASE("without a beat there is no note", "[beat_note]") {
  RunRecord run = run_with_beat(200);
  CHECK(memory_beat_of(run) == beat);
  for (ProcessRecord& process : run.processes) process.side = Side::base;
  CHECK_FALSE(memory_beat_of(run));
  run = run_with_beat(200);
  for (ProcessRecord& process : run.processes) process.memory_beat.reset();
  CHECK(beat_notes(run).empty());
}
