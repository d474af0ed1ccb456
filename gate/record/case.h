// What is measured: one row of the report. The record and everything right of it know a case by its
// id, its parts and what it needs, whatever program it is of.
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

/// What a case cannot do without. Absent: unknown, and then it has no roofline.
struct Work {
  std::optional<double> dram_bytes;  ///< that must move between the GPU and its memory
  std::optional<double> operations;  ///< arithmetic ones, a multiply-add being two
  std::optional<Pipe> pipe;          ///< where these run, unless a counter tells

  bool operator==(const Work&) const = default;
};

struct Case {
  std::string id;     ///< group + "/" + part
  std::string group;  ///< what belongs together: one workload, one range of a program
  std::string part;   ///< which piece of it
  std::string title;  ///< what it is, for people; may be ""
  std::vector<std::string> whole_of;  ///< ids of the cases that it is made of, planned or not
  Work work;
  std::size_t source = 0;  ///< index into Plan::sources

  bool operator==(const Case&) const = default;
};

/// The id of the case that is this part of this group.
std::string case_id(std::string_view group, std::string_view part);

}  // namespace perfgate
