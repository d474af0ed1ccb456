// SPDX-License-Identifier: Apache-2.0
// The only place that knows about terminals: colour, the progress bar, NO_COLOR, stdout.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gate/util/color.h"

namespace perfgate {

/// Opens /dev/null as those of stdin, stdout and stderr that are closed: else the next file that is
/// opened would get their number, and what is printed would go into it. Writing to such a stdout
/// still fails, so that a report is not lost without a word.
void occupy_standard_files();

/// Whether text on stdout is to be coloured.
Color stdout_color(ColorWhen when);

/// Progress on stderr: one line that is redrawn on a terminal, else one line per step.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(std::string_view what, int done, int total);

 private:
  bool m_quiet, m_terminal;
  int m_done = -1, m_first = 0, m_total = 0;  ///< of the series of steps that is shown
  std::chrono::steady_clock::time_point m_begin;
};

/// "[=====     ] 2 of 6: timing, 9 s left". `finished` steps of this series took `past_s`; before
/// the first one has finished, the time left is not known.
std::string progress_bar(std::string_view what, int done, int total, double past_s, int finished);

/// Returns how many columns a line on stdout may have: the terminal's, or 100 where it is none.
std::size_t stdout_columns();

/// Writes text for people, with no line longer than that.
void print_text(std::string_view text);
void print_lines(const std::vector<std::string>& lines);

/// Writes all of it; throws UsageError when stdout is full or closed, Interrupted on a signal.
void print_stdout(std::string_view text);
/// Writes what it can: an error that cannot be told is no reason for another one.
void print_stderr(std::string_view text);

}  // namespace perfgate
