// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bench.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "gate/baseline/baseline.h"
#include "gate/cli/project.h"
#include "gate/config/make_plan.h"
#include "gate/os/process.h"
#include "gate/util/checksum.h"
#include "gate/util/text_wrap.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

namespace fs = std::filesystem;
using namespace perfgate;

std::string Outcome::last_line() const {
  const auto lines = split(out, '\n');
  return lines.empty() ? "" : lines.back();
}

std::string Outcome::flat() const {
  std::string text;
  for (const std::string& line : split(out, '\n')) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    text += (text.empty() ? "" : begin > 0 ? " " : "\n") + line.substr(begin);
  }
  return text;
}

fs::path Bench::perfgate_folder() {
  return fs::path(PERFGATE_PROGRAM).parent_path();
}

std::string Bench::program() {
  return PERFGATE_FAKE_PROGRAM;
}

std::string Bench::benchmark() {
  return PERFGATE_FAKE_BENCHMARK;
}

Bench::Bench() : runner(PERFGATE_FAKE_RUNNER), m_folder(std::make_unique<TemporaryDirectory>()) {
  fs::copy(fs::path(PERFGATE_SOURCE_DIR) / "configs", root() / "configs",
           fs::copy_options::recursive);
  for (const char* folder : {"baselines", "tests/recordings", "tmp", "state"})
    fs::create_directories(root() / folder);
  write_file(root() / "configs" / "perfgate.toml", R"(schema = 1
[suite]
models = ["llama-2-7b"]
batches = [1]
contexts = [1024]
dtypes = ["fp16"]
[measure]
processes = 3
baseline_processes = 12
baseline_sessions = 1
samples = 20
timeout_s = 60
metric_set = "design"
clocks = "observe"
seed = 1
[judge]
screen_alpha = 0.05
thorough_screen_alpha = 0.2
alpha = 0.001
floor_us = 0.05
other_board_percent = 2
on_inconclusive = "fail"
metric = []
[[judge.tolerance]]
cases = "*"
percent = 2.0
why = "test"
[replay]
recording = "h200.json"
)");
  env = {{"PERFGATE_NVML", PERFGATE_FAKE_NVML},
         {"FAKE_NVML_GPUS", "NVIDIA H200|GPU-aaaa"},
         {"FAKE_RUNNER_STATE", (root() / "runner-state").string()},
         {"PERFGATE_STATE_DIR", (root() / "state").string()},
         {"TMPDIR", (root() / "tmp").string()}};
}

namespace {

/// Whether stdout is text for people: neither a file in another format nor requests, of which a
/// line is as long as it is.
bool is_text(const std::vector<std::string>& arguments) {
  // `config show` is a line a value, with the file that it comes from.
  if (!arguments.empty() && arguments.front() == "config") return false;
  return std::none_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument == "-" || argument.ends_with("=-") || argument == "--format" ||
           argument == "--dry-run";
  });
}

void require_narrow(const std::string& out) {
  for (const std::string& line : split(out, '\n'))
    // A command of a workflow and the sentence at the end, which may hold a path, are never broken;
    // the loader's complaints are not ours.
    if (!line.starts_with("::") && !line.starts_with("perfgate: ") &&
        line.find(": error while loading shared libraries: ") == std::string::npos &&
        columns_of(line) > default_columns)
      throw std::runtime_error("a line of " + std::to_string(columns_of(line)) +
                               " columns: " + line);
}

/// False for the commands that have no --runner.
bool starts_runner(const std::vector<std::string>& arguments) {
  constexpr std::array others{"compare", "ab",   "publish",  "merge",  "list",   "show",   "diff",
                              "lint",    "demo", "--replay", "import", "export", "history"};
  return std::find_first_of(arguments.begin(), arguments.end(), others.begin(), others.end()) ==
         arguments.end();
}

}  // namespace

Outcome Bench::perfgate(std::vector<std::string> arguments) const {
  const TemporaryDirectory folder;
  const std::string out = (folder.path() / "out").string(), err = (folder.path() / "err").string();
  std::vector<std::string> command{"sh",
                                   "-c",
                                   "cd \"$1\"; out=$2 err=$3; shift 3; " +
                                       (before.empty() ? "" : before + "; ") +
                                       "exec \"$@\" >\"$out\" 2>\"$err\" " + redirect,
                                   "sh",
                                   (root() / below).string(),
                                   out,
                                   err,
                                   "env"};
  for (const char* name : {"CI",
                           "PERFGATE_CONFIG",
                           "TF_BUILD",
                           "TEAMCITY_VERSION",
                           "CODEBUILD_BUILD_ID",
                           "JENKINS_URL",
                           "NO_COLOR",
                           "CUDA_VISIBLE_DEVICES",
                           "GITHUB_ACTIONS",
                           "GITHUB_API_URL",
                           "GITHUB_EVENT_PATH",
                           "GITHUB_OUTPUT",
                           "GITHUB_REPOSITORY",
                           "GITHUB_RUN_ID",
                           "GITHUB_SERVER_URL",
                           "GITHUB_SHA",
                           "GITHUB_STEP_SUMMARY",
                           "GITHUB_TOKEN",
                           "HTTPS_PROXY",
                           "https_proxy",
                           "http_proxy",
                           "ALL_PROXY",
                           "all_proxy",
                           "NO_PROXY",
                           "no_proxy",
                           "SSL_CERT_FILE"})
    command.insert(command.end(), {"-u", name});
  // The runner gets only what a tool gets of the environment, and perfgate's own settings are that.
  for (const auto& [name, value] : env)
    command.push_back((name.starts_with("FAKE_RUNNER") ? "PERFGATE_" : "") + name + "=" + value);
  command.push_back(PERFGATE_PROGRAM);
  // What follows "--" belongs to the program that is measured.
  if (!runner.empty() && starts_runner(arguments))
    arguments.insert(std::find(arguments.begin(), arguments.end(), "--"), {"--runner", runner});
  command.insert(command.end(), arguments.begin(), arguments.end());
  const ChildResult child = run_child(command, {}, 100, {}, ChildKind::user_command);
  Outcome outcome{child.signal ? 128 + child.signal : child.exit_status, read_file(out),
                  read_file(err)};
  if (is_text(arguments)) require_narrow(outcome.out);
  require_narrow(outcome.err);
  return outcome;
}

std::string Bench::git(std::vector<std::string> arguments, const std::string& repository) const {
  arguments.insert(arguments.begin(),
                   {"git", "-C", (root() / repository).string(), "-c", "user.name=t", "-c",
                    "user.email=t@localhost", "-c", "protocol.file.allow=always"});
  const ChildResult child = run_child(arguments, {}, 60);
  if (child.exit_status != 0 || child.signal != 0) throw std::runtime_error(child.log);
  return child.log;
}

void Bench::change_policy(std::string_view from, std::string_view to) const {
  const fs::path file = root() / "configs" / "perfgate.toml";
  write_file(file, replaced(read_file(file), from, to));
}

RunRecord Bench::measured(const std::string& script, int processes) const {
  const Config config = load_config({root() / "configs" / "perfgate.toml"});
  RunRecord run;
  run.perfgate = "0.1.0";
  run.commit = std::string(40, 'a');
  run.created = "2025-01-02T03:04:05Z";
  run.command = "perfgate";
  run.gpu_id = "h200";
  run.gpu = h200();
  run.gpu->vbios = "96.00.99.00.01";
  run.gpu->power_limit_w = 700.5;
  run.gpu->ecc = true;
  run.gpu->mig = false;
  run.plan = make_plan(config, {});
  for (int i = 0; i < processes; ++i)
    run.processes.push_back(fake_process(run.plan, ProcessKind::timing, i, script));
  run.processes.push_back(fake_process(run.plan, ProcessKind::counters, processes, script));
  for (ProcessRecord& process : run.processes) process.conditions = quiet();
  return run;
}

void Bench::make_baseline(const std::string& script) const {
  write_file(baseline(), write_baseline(perfgate::make_baseline(measured(script, 12))));
}

void Bench::change_baseline(std::string_view from, std::string_view to) const {
  const std::string text = read_file(baseline());
  const std::size_t line = text.find("checksum = ");
  const std::string checksum = text.substr(line, text.find('\n', line) + 1 - line);
  write_file(baseline(), with_checksum(replaced(replaced(text, checksum, ""), from, to)));
}

std::string Bench::save_run(const std::string& name, const std::string& script,
                            int processes) const {
  write_file(root() / name, write_record(measured(script, processes), RawSamples::keep));
  return (root() / name).string();
}

std::vector<std::string> Bench::files(const fs::path& folder) const {
  std::vector<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    out.push_back(fs::relative(entry.path(), folder).string());
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> Bench::strays() const {
  std::vector<std::string> out = leftovers();
  for (const std::string& file : files(root()))
    if (is_temporary(file)) out.push_back(file);
  return out;
}

bool Bench::is_temporary(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot != std::string_view::npos && name.size() - dot == std::string_view(".XXXXXX").size();
}

Leash::Leash() {
  if (::pipe2(m_ends.data(), 0) < 0) throw std::runtime_error("cannot make a pipe");
  ::fcntl(m_ends[0], F_SETFD, FD_CLOEXEC);
}

Leash::~Leash() {
  ::close(m_ends[0]);
  if (m_ends[1] >= 0) ::close(m_ends[1]);
}

bool Leash::all_gone() {
  ::close(m_ends[1]);
  m_ends[1] = -1;
  pollfd watched{m_ends[0], POLLIN, 0};
  char byte;
  return ::poll(&watched, 1, 5000) == 1 && ::read(m_ends[0], &byte, 1) == 0;
}
