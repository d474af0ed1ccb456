// SPDX-License-Identifier: Apache-2.0
// A case is what is measured: one row of the report. The record, the judge and the report know a
// case by its id, its parts and what it needs, whatever program it comes from.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// The arithmetic units that a kernel can be bound by.
enum class Pipe { tensor, fp32 };
struct PipeInfo {
  Pipe pipe;
  std::string_view id, title;
};
inline constexpr std::array<PipeInfo, 2> pipes{{
    {Pipe::tensor, "tensor", "FP16 tensor cores"},
    {Pipe::fp32, "fp32", "FP32"},
}};
constexpr const PipeInfo& pipe_info(Pipe pipe) {
  return pipes[static_cast<std::size_t>(pipe)];
}

/// What a case needs at least. An absent field is unknown; without them a case has no roofline.
struct Work {
  std::optional<double> dram_bytes;  ///< bytes that must move between the GPU and its memory
  std::optional<double> operations;  ///< arithmetic operations; a multiply-add counts as two
  std::optional<Pipe> pipe;  ///< the pipe that executes them, unless a counter says otherwise

  bool operator==(const Work&) const = default;
};

struct Case {
  std::string id;     ///< group + "/" + part
  std::string group;  ///< joins cases that belong together: one workload, one range of a program
  std::string part;   ///< the case's name within its group
  std::string title;  ///< a description for people; may be ""
  std::vector<std::string> whole_of;  ///< ids of the cases in it, planned or not
  Work work;
  std::size_t source = 0;  ///< index into Plan::sources

  bool operator==(const Case&) const = default;
};

/// Returns the id of the case with this group and part.
std::string case_id(std::string_view group, std::string_view part);

}  // namespace perfgate
