// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/oracles/workflow_log.h"

#include <algorithm>
#include <optional>

namespace {

struct Command {
  std::string name, data;
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string name_in(std::string_view words) {
  return lower(words.substr(0, words.find(' ')));
}

/// `::name key=value::data`, behind white space alone.
std::optional<Command> new_command(std::string_view line) {
  constexpr std::string_view mark = "::";
  line.remove_prefix(std::min(line.find_first_not_of(" \t\v\f"), line.size()));
  if (!line.starts_with(mark)) return std::nullopt;
  const std::size_t end = line.find(mark, mark.size());
  if (end == std::string_view::npos) return std::nullopt;
  return Command{name_in(line.substr(mark.size(), end - mark.size())),
                 std::string(line.substr(end + mark.size()))};
}

/// `##[name key=value]data`, anywhere in a line.
std::optional<Command> old_command(std::string_view line) {
  constexpr std::string_view mark = "##[";
  const std::size_t begin = line.find(mark);
  if (begin == std::string_view::npos) return std::nullopt;
  line.remove_prefix(begin + mark.size());
  const std::size_t end = line.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  return Command{name_in(line.substr(0, end)), std::string(line.substr(end + 1))};
}

}  // namespace

std::vector<std::string> commands_taken(std::string_view log) {
  std::vector<std::string> taken;
  std::string stopped_by;
  while (!log.empty()) {
    const std::size_t end = std::min(log.find_first_of("\r\n"), log.size());
    const std::string_view line = log.substr(0, end);
    log.remove_prefix(std::min(end + 1, log.size()));
    std::optional<Command> command = new_command(line);
    if (!command) command = old_command(line);
    if (!command || (!stopped_by.empty() && command->name != stopped_by)) continue;
    stopped_by = command->name == "stop-commands" ? lower(command->data) : "";
    taken.push_back(command->name);
  }
  return taken;
}
