// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/machine_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>

#include "gate/diagnose/shortest_edit.h"
#include "gate/util/demangle.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t shown_opcodes = 4;  // of those that changed, in a line
/// Beyond these the listings have little in common, and the shortest edit takes too long to find.
constexpr std::size_t most_code_edits = 2000;
constexpr std::size_t context_lines = 3;

std::string_view stripped(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    take(stripped(text.substr(at, end - at)));
    at = end + 1;
  }
}

std::optional<std::int64_t> hexadecimal(std::string_view digits) {
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value, 16);
  return error == std::errc() && at == end && !digits.empty() ? std::optional(value) : std::nullopt;
}

/// Returns "FFMA" of "@!P0 FFMA.FTZ R1, R2, R3, R4".
std::string_view opcode_of(std::string_view instruction) {
  if (instruction.starts_with('@')) {
    const std::size_t space = instruction.find(' ');
    instruction = space == std::string_view::npos ? "" : stripped(instruction.substr(space));
  }
  return instruction.substr(0, instruction.find_first_of(" ."));
}

bool is_branch(std::string_view opcode) {
  return opcode == "BRA" || opcode == "BSSY" || opcode == "CALL" || opcode == "JMP";
}

/// Returns a branch with its target counted from its own address; any other text as it is.
std::string relative(std::string_view instruction, std::int64_t address) {
  const std::size_t target = instruction.rfind("0x");
  if (target == std::string_view::npos || !is_branch(opcode_of(instruction)))
    return std::string(instruction);
  const auto value = hexadecimal(instruction.substr(target + 2));
  if (!value) return std::string(instruction);
  return fmt::format("{}.{}{:#x}", instruction.substr(0, target), *value < address ? '-' : '+',
                     std::abs(*value - address));
}

/// Returns the instruction of "/*0040*/  @P0 BRA 0x80 ;  /* 0x... */"; "" of every other line.
std::string instruction_in(std::string_view line) {
  if (!line.starts_with("/*")) return "";
  const std::size_t end = line.find("*/");
  if (end == std::string_view::npos) return "";
  const auto address = hexadecimal(line.substr(2, end - 2));
  const std::size_t semicolon = line.find(';', end);
  if (!address || semicolon == std::string_view::npos) return "";
  return relative(stripped(line.substr(end + 2, semicolon - end - 2)), *address);
}

struct Architecture {
  int generation = 0, minor = 0;
};

/// Of "90", "90a", "100f", "9.0".
std::optional<Architecture> architecture_of(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if ('0' <= c && c <= '9') digits += c;
  if (digits.size() < 2 || digits.size() > 3) return std::nullopt;
  int number = 0;
  for (const char digit : digits) number = 10 * number + (digit - '0');
  return Architecture{number / 10, number % 10};
}

using Counts = std::map<std::string_view, std::int64_t>;

Counts opcodes_of(const MachineCode& code) {
  Counts counts;
  for (const std::string& instruction : code.instructions) ++counts[opcode_of(instruction)];
  return counts;
}

std::int64_t spills_in(const Counts& counts) {
  std::int64_t spills = 0;
  for (const auto& [opcode, count] : counts)
    if (opcode == "LDL" || opcode == "STL") spills += count;
  return spills;
}

/// Returns "FFMA +96, LDG -8, 3 more"; "" when the counts are the same.
std::string mix_difference(const Counts& base, const Counts& head) {
  Counts changes = head;
  for (const auto& [opcode, count] : base) changes[opcode] -= count;
  std::vector<std::pair<std::string_view, std::int64_t>> order;
  for (const auto& [opcode, change] : changes)
    if (change != 0) order.emplace_back(opcode, change);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::abs(a.second) > std::abs(b.second);
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(order.size(), shown_opcodes); ++i)
    text +=
        fmt::format("{}{} {:+}", i == 0 ? "" : ", ", printable(order[i].first), order[i].second);
  if (order.size() > shown_opcodes) text += fmt::format(", {} more", order.size() - shown_opcodes);
  return text;
}

void add_change(std::string& text, std::string_view what, std::int64_t base, std::int64_t head) {
  if (base != head) text += fmt::format(", {} {} to {}", what, base, head);
}

/// A hunk of a unified diff: edits with what lies between and around them.
struct Hunk {
  std::size_t at_before = 0, before = 0, at_after = 0, after = 0;
  std::string lines;
};

std::string hunk_text(const Hunk& hunk) {
  // An empty side is counted from the line before it, as diff does.
  const auto line = [](std::size_t at, std::size_t count) { return count > 0 ? at + 1 : at; };
  return fmt::format("@@ -{},{} +{},{} @@\n{}", line(hunk.at_before, hunk.before), hunk.before,
                     line(hunk.at_after, hunk.after), hunk.after, hunk.lines);
}

/// Adds equal lines, or those of one side, to the hunk.
void extend(Hunk& hunk, char mark, const std::vector<std::string>& from, std::size_t at,
            std::size_t count) {
  for (std::size_t i = at; i < at + count; ++i)
    hunk.lines += fmt::format("{}{}\n", mark, printable(from[i]));
  if (mark != '+') hunk.before += count;
  if (mark != '-') hunk.after += count;
}

}  // namespace

std::vector<std::string> functions_of(std::string_view resource_usage,
                                      const std::vector<std::string>& kernels) {
  constexpr std::string_view function = "Function ";
  std::vector<std::string> names;
  for_each_line(resource_usage, [&](std::string_view line) {
    if (!line.starts_with(function) || !line.ends_with(':')) return;
    line.remove_prefix(function.size());
    line.remove_suffix(1);
    std::string name(line);
    if (std::find(kernels.begin(), kernels.end(), demangle(name)) != kernels.end() &&
        std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  });
  return names;
}

std::vector<MachineCode> read_listing(std::string_view listing,
                                      const std::vector<std::string>& kernels) {
  constexpr std::string_view function = "Function : ", code_for_architecture = "code for sm_";
  std::vector<MachineCode> codes;
  std::string_view architecture;
  bool wanted = false;
  for_each_line(listing, [&](std::string_view line) {
    if (line.starts_with(code_for_architecture)) {
      architecture = line.substr(code_for_architecture.size());
      wanted = false;
    } else if (line.starts_with(function)) {
      std::string name = demangle(std::string(line.substr(function.size())));
      wanted = std::find(kernels.begin(), kernels.end(), name) != kernels.end();
      if (wanted) codes.push_back({std::move(name), std::string(architecture), {}});
    } else if (wanted) {
      std::string instruction = instruction_in(line);
      if (!instruction.empty() && opcode_of(instruction) != "NOP")
        codes.back().instructions.push_back(std::move(instruction));
    }
  });
  return codes;
}

const MachineCode* code_for(const std::vector<MachineCode>& codes, std::string_view kernel,
                            std::string_view compute_capability) {
  const auto gpu = architecture_of(compute_capability);
  const MachineCode* best = nullptr;
  int best_minor = -1;
  if (!gpu) return nullptr;
  for (const MachineCode& code : codes) {
    const auto compiled = architecture_of(code.architecture);
    if (code.kernel != kernel || code.instructions.empty() || !compiled ||
        compiled->generation != gpu->generation || compiled->minor > gpu->minor ||
        compiled->minor < best_minor)
      continue;
    best = &code;
    best_minor = compiled->minor;
  }
  return best;
}

std::string code_difference(const CodePair& pair) {
  if (pair.base.instructions == pair.head.instructions) return "";
  const Counts base = opcodes_of(pair.base), head = opcodes_of(pair.head);
  const std::string mix = mix_difference(base, head);
  std::string text = pair.base.instructions.size() == pair.head.instructions.size()
                         ? fmt::format("{} instructions", pair.head.instructions.size())
                         : fmt::format("instructions {} to {}", pair.base.instructions.size(),
                                       pair.head.instructions.size());
  text += mix.empty() ? " (others, or in another order)" : fmt::format(" ({})", mix);
  add_change(text, "spills", spills_in(base), spills_in(head));
  add_change(text, "registers", pair.base_launch.registers, pair.launch.registers);
  add_change(text, "shared memory", pair.base_launch.shared_bytes, pair.launch.shared_bytes);
  if (pair.base_launch.shared_bytes != pair.launch.shared_bytes) text += " B";
  const std::string name = pair.head.kernel.substr(0, pair.head.kernel.find('<'));
  return fmt::format("{}: {}", printable(name), text);
}

std::string listing_difference(const MachineCode& base, const MachineCode& head) {
  const std::vector<std::string>&before = base.instructions, &after = head.instructions;
  const auto title = [](std::string_view mark, std::string_view side, const MachineCode& code) {
    return fmt::format("{} {}: {}, sm_{}, {}\n", mark, side, printable(code.kernel),
                       printable(code.architecture),
                       count_of(code.instructions.size(), "instruction"));
  };
  std::string out = title("---", "base", base) + title("+++", "head", head);
  const std::vector<Edit> edits =
      shortest_edit(before, after, most_code_edits)
          .value_or(std::vector<Edit>{{0, before.size(), 0, after.size()}});
  for (std::size_t i = 0; i < edits.size();) {
    std::size_t at = edits[i].at_before - std::min(edits[i].at_before, context_lines);
    Hunk hunk{at, 0, edits[i].at_after - (edits[i].at_before - at), 0, ""};
    // Edits whose contexts touch are one hunk.
    for (bool more = true; more; ++i) {
      extend(hunk, ' ', before, at, edits[i].at_before - at);
      extend(hunk, '-', before, edits[i].at_before, edits[i].removed);
      extend(hunk, '+', after, edits[i].at_after, edits[i].added);
      at = edits[i].at_before + edits[i].removed;
      more = i + 1 < edits.size() && edits[i + 1].at_before - at <= 2 * context_lines;
    }
    extend(hunk, ' ', before, at, std::min(context_lines, before.size() - at));
    out += hunk_text(hunk);
  }
  return out;
}

}  // namespace perfgate
