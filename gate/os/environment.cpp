// SPDX-License-Identifier: Apache-2.0
#include "gate/os/environment.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace perfgate {

namespace {

constexpr std::array<std::string_view, 8> secret_endings{
    "TOKEN", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS"};

constexpr std::array<std::string_view, 9> words_of_keys{
    "API", "ACCESS", "ACCOUNT", "AUTH", "DEPLOY", "ENCRYPTION", "PRIVATE", "SIGNING", "SSH"};

/// Addresses of services that a token beside them opens, and the socket of an ssh agent.
constexpr std::array<std::string_view, 5> secret_names{
    "ACTIONS_RUNTIME_URL", "ACTIONS_RESULTS_URL", "ACTIONS_CACHE_URL",
    "ACTIONS_ID_TOKEN_REQUEST_URL", "SSH_AUTH_SOCK"};

/// The whole names that a tool gets.
constexpr std::array<std::string_view, 20> tool_names{"PATH",
                                                      "HOME",
                                                      "USER",
                                                      "LOGNAME",
                                                      "SHELL",
                                                      "TERM",
                                                      "TZ",
                                                      "LANG",
                                                      "LANGUAGE",
                                                      "TMPDIR",
                                                      "XDG_CONFIG_HOME",
                                                      "LD_LIBRARY_PATH",
                                                      "LD_PRELOAD",
                                                      "GIT_DIR",
                                                      "GIT_WORK_TREE",
                                                      "GIT_CEILING_DIRECTORIES",
                                                      "GIT_DISCOVERY_ACROSS_FILESYSTEM",
                                                      "GIT_CONFIG_GLOBAL",
                                                      "GIT_CONFIG_SYSTEM",
                                                      "GIT_CONFIG_NOSYSTEM"};

/// The beginnings of names that a tool gets: locales, the CUDA stack's settings, sanitizers, and
/// perfgate's own.
constexpr std::array<std::string_view, 11> tool_beginnings{"LC_",    "CUDA_",  "NVIDIA_",  "CUBLAS",
                                                           "CUPTI_", "NVTX_",  "OMP_",     "ASAN_",
                                                           "LSAN_",  "UBSAN_", "PERFGATE_"};

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return 'a' <= c && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

bool ends_like_a_secret(std::string_view word) {
  return word == "PAT" ||
         std::any_of(secret_endings.begin(), secret_endings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

/// As global as the environment that they come from.
std::map<std::string, std::string>& hidden() {
  static std::map<std::string, std::string> secrets;
  return secrets;
}

std::string_view name_of(std::string_view entry) {
  return entry.substr(0, entry.find('='));
}

}  // namespace

bool is_secret_name(std::string_view name) {
  const std::string all = upper(name);
  if (std::find(secret_names.begin(), secret_names.end(), all) != secret_names.end()) return true;
  std::string_view rest = all, before;
  while (!rest.empty()) {
    const std::size_t end = rest.find('_');
    const std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (ends_like_a_secret(word)) return true;
    if (rest.empty() && word == "KEY" &&
        std::any_of(words_of_keys.begin(), words_of_keys.end(),
                    [&](std::string_view kind) { return before.ends_with(kind); }))
      return true;
    before = word;
  }
  return false;
}

bool is_passed_on(std::string_view name, ChildKind kind) {
  if (is_secret_name(name)) return false;
  if (kind == ChildKind::user_command) return true;
  return std::find(tool_names.begin(), tool_names.end(), name) != tool_names.end() ||
         std::any_of(tool_beginnings.begin(), tool_beginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

std::vector<std::string> child_environment(ChildKind kind,
                                           const std::map<std::string, std::string>& more) {
  std::vector<std::string> out;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view name = name_of(*entry);
    if (is_passed_on(name, kind) && !more.contains(std::string(name))) out.emplace_back(*entry);
  }
  for (const auto& [name, value] : more) out.push_back(fmt::format("{}={}", name, value));
  return out;
}

void hide_secrets() {
  ::prctl(PR_SET_DUMPABLE, 0);
  for (char** entry = environ; entry && *entry;) {
    const std::string_view text(*entry), name = name_of(text);
    if (!is_secret_name(name)) {
      ++entry;
      continue;
    }
    // Of a name that stands twice, the first counts, as for getenv().
    hidden().try_emplace(std::string(name), text.substr(std::min(text.size(), name.size() + 1)));
    ::explicit_bzero(*entry, text.size());
    for (char** next = entry; *next; ++next) next[0] = next[1];
  }
}

std::string hidden_secret(const std::string& name) {
  const auto found = hidden().find(name);
  return found == hidden().end() ? "" : found->second;
}

}  // namespace perfgate
