// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/init_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "gate/cli/options.h"
#include "gate/cli/project.h"
#include "gate/config/starter.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"
#include "gate/util/error.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

struct InitOptions {
  GpuOptions gpu;
  std::string action = perfgate_action;
  bool suite = false;
  std::vector<std::string> command;
};

/// Deeper folders, and more entries than these, are not searched for a benchmark.
constexpr int deepest = 3;
constexpr int most_entries = 20000;

bool is_executable(const fs::path& file) {
  std::error_code failed;
  const fs::perms mode = fs::status(file, failed).permissions();
  return !failed && (mode & fs::perms::owner_exec) != fs::perms::none;
}

/// Returns the files below `top` that are called like benchmarks and can be started, the highest
/// ones first.
std::vector<fs::path> benchmarks_below(const fs::path& top) {
  std::vector<std::pair<int, fs::path>> found;
  std::error_code failed;
  int left = most_entries;
  for (fs::recursive_directory_iterator
           at(top, fs::directory_options::skip_permission_denied, failed),
       end;
       !failed && at != end && left > 0; at.increment(failed), --left) {
    const std::string name = at->path().filename().string();
    if (at->is_directory(failed)) {
      if (name.starts_with('.') || name == "node_modules" || at.depth() >= deepest)
        at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file(failed) || !looks_like_benchmark(name)) continue;
    if (at->path().extension() == ".py" || is_executable(at->path()))
      found.emplace_back(at.depth(), at->path());
  }
  std::sort(found.begin(), found.end());
  std::vector<fs::path> files;
  for (auto& [depth, file] : found) files.push_back(std::move(file));
  return files;
}

/// Returns the NVTX ranges of a source file; none of a file that is no text, or too long for one.
std::vector<std::string> ranges_of(const fs::path& file) {
  constexpr std::size_t longest_source = std::size_t{1} << 20U;
  try {
    const std::string text = read_file(file, longest_source);
    if (text.find('\0') == std::string::npos) return nvtx_ranges_in(text);
  } catch (const UsageError&) {
    // A guess that cannot be made is no error.
  }
  return {};
}

enum class WithCapitals { yes, no };

/// Whether the text is of letters, digits and `others` alone.
bool only_has(std::string_view text, std::string_view others, WithCapitals capitals) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return ('a' <= c && c <= 'z') || ('0' <= c && c <= '9') ||
           (capitals == WithCapitals::yes && 'A' <= c && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
  });
}

/// A name for the program: what is no letter or digit becomes '_'.
std::string name_from(const fs::path& file) {
  constexpr std::size_t longest_name = 64;
  std::string name = file.stem().string().substr(0, longest_name);
  for (char& c : name)
    if (!only_has({&c, 1}, "", WithCapitals::yes)) c = '_';
  return name.empty() ? "program" : name;
}

std::optional<StarterProgram> program_for(const InitOptions& options, const fs::path& top) {
  if (options.suite) return std::nullopt;
  if (!options.command.empty()) {
    std::vector<std::string> ranges;
    for (const std::string& word : options.command)
      if (ranges.empty() && fs::is_regular_file(top / word)) ranges = ranges_of(top / word);
    return StarterProgram{name_from(options.command.front()), options.command, ranges};
  }
  const std::vector<fs::path> found = benchmarks_below(top);
  if (found.empty()) return std::nullopt;
  const std::string path = fs::relative(found.front(), top).string();
  const bool script = found.front().extension() == ".py";
  return StarterProgram{
      name_from(found.front()),
      script ? std::vector<std::string>{"python3", path} : std::vector<std::string>{"./" + path},
      ranges_of(found.front())};
}

/// Returns --gpu, else the GPU of this machine, else "" where there is none.
std::string gpu_for(const InitOptions& options) {
  if (options.gpu.id != "auto") return options.gpu.id;
  const GpuList list = usable_gpus();
  return list.gpus.empty() ? "" : gpu_id(load_config(installation()).gpus, list.gpus.front().name);
}

void refuse_existing(const fs::path& top, const std::vector<StarterFile>& files) {
  const Project project = find_project(std::nullopt);
  if (!project.installed)
    throw UsageError(fmt::format("there is a project already: {}; edit it, or remove it first",
                                 project.policy.string()));
  for (const StarterFile& file : files)
    if (fs::exists(top / file.path))
      throw UsageError(
          fmt::format("{} is there already; nothing was written", (top / file.path).string()));
}

/// Adds the line to .gitignore, unless it is there.
bool ignore(const fs::path& top) {
  const fs::path file = top / ".gitignore";
  std::string text = fs::exists(file) ? read_file(file) : "";
  if (("\n" + text + "\n").find(fmt::format("\n{}\n", ignored_line)) != std::string::npos)
    return false;
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  write_file(file, text + fmt::format("{}\n", ignored_line));
  return true;
}

ExitCode init(const InitOptions& options) {
  const fs::path top = top_of_repository();
  const std::string gpu = gpu_for(options);
  const StarterFacts facts{program_for(options, top), gpu.empty() ? "h100" : gpu, options.action};
  const std::vector<StarterFile> files = starter_files(facts);
  refuse_existing(top, files);
  std::string said;
  for (const StarterFile& file : files) {
    fs::create_directories((top / file.path).parent_path());
    write_file(top / file.path, file.text);
    said += fmt::format("written: {}\n", (top / file.path).string());
  }
  if (ignore(top)) said += fmt::format("added to: {}\n", (top / ".gitignore").string());
  if (facts.program)
    said +=
        fmt::format("measured: {}, {}; correct it in perfgate.toml\n",
                    printable(join(facts.program->command, " ")),
                    facts.program->ranges.empty() ? "each kernel"
                                                  : "NVTX ranges " + join(facts.program->ranges));
  else
    said += "measured: the built-in suite; perfgate.toml says how to name a program instead\n";
  if (gpu.empty())
    said += "no GPU here, so the workflows name the label h100: --gpu names another\n";
  if (facts.action.starts_with("ORG/"))
    said += "put your copy of perfgate for ORG in the workflows, or say it with --action\n";
  print_stdout(said +
               "next, on the machine with the GPU, as root because of clocks = \"lock\":\n"
               "  perfgate baseline refresh    # then commit perfgate/ and what is written above\n"
               "  perfgate                     # exit code 0: nothing regressed\n");
  return ExitCode::pass;
}

}  // namespace

Action prepare_init(CommandParser& parser) {
  auto options = std::make_shared<InitOptions>();
  add_gpu(parser, options->gpu);
  parser.flag("--suite", options->suite, "the built-in decode layer, whatever else is here");
  parser.option("--action NAME@REF", options->action,
                fmt::format("where the workflows take perfgate from [{}]", perfgate_action));
  parser.command(options->command);
  parser.check([&init = *options] {
    if (init.suite && !init.command.empty())
      throw UsageError("init takes --suite or a command, not both");
    if (!only_has(init.action, "-_./@", WithCapitals::yes) ||
        init.action.find('/') == std::string::npos || init.action.find('@') == std::string::npos)
      throw UsageError(
          fmt::format("--action '{}': expected OWNER/NAME@REF", printable(init.action)));
    if (!only_has(init.gpu.id, "-", WithCapitals::no))
      throw UsageError(fmt::format("--gpu '{}': expected an id such as h100 (a-z, 0-9, -)",
                                   printable(init.gpu.id)));
    for (const std::string& word : init.command)
      if (std::any_of(word.begin(), word.end(), [](char c) { return '\0' <= c && c < ' '; }) ||
          word != valid_utf8(word))
        throw UsageError(
            fmt::format("init: '{}' has characters that cannot be shown; write "
                        "perfgate.toml by hand",
                        printable(word)));
  });
  return [options] { return init(*options); };
}

}  // namespace perfgate
