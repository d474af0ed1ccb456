// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/source_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "gate/os/files.h"
#include "gate/report/source_place.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

constexpr std::size_t longest_source_bytes = std::size_t{4} << 20;
constexpr std::size_t most_files = 20000;  // that are looked at for one glob

/// The text of the project's files, each read once.
class Sources {
 public:
  explicit Sources(const Project& project) : m_root(project.root()) {
    std::error_code error;  // what can't be looked at is no place: the verdict stands without one
    for (fs::path up = m_root;; up = up.parent_path()) {
      if (fs::exists(up / ".git", error)) m_repository = up;
      if (!m_repository.empty() || up == up.parent_path()) break;
    }
    if (m_repository.empty()) m_repository = m_root;
  }

  /// Returns the files that a glob names, below the root, sorted; hidden folders are left out.
  const std::vector<fs::path>& matching(const std::string& glob) {
    const auto [known, fresh] = m_matching.try_emplace(glob);
    if (!fresh) return known->second;
    if (glob.find_first_of("*?") == std::string::npos) {
      std::error_code error;
      if (fs::is_regular_file(m_root / glob, error)) known->second.push_back(m_root / glob);
      return known->second;
    }
    for (const fs::path& file : files())
      if (glob_match(glob, file.lexically_relative(m_root).generic_string()))
        known->second.push_back(file);
    return known->second;
  }

  const std::string& text(const fs::path& file) {
    const auto [known, fresh] = m_texts.try_emplace(file);
    if (!fresh) return known->second;
    try {
      known->second = read_file(file, longest_source_bytes);
    } catch (const UsageError&) {
      known->second.clear();  // a file that cannot be read names no line
    }
    return known->second;
  }

  /// Returns the file's name as GitHub has it; "" for one outside of the repository.
  std::string name(const fs::path& file) const {
    std::string name = file.lexically_relative(m_repository).generic_string();
    return name.starts_with("..") ? "" : name;
  }

 private:
  const std::vector<fs::path>& files() {
    if (m_files_known) return m_files;
    m_files_known = true;
    std::error_code error;
    const auto skip = fs::directory_options::skip_permission_denied;
    for (auto at = fs::recursive_directory_iterator(m_root, skip, error);
         !error && at != fs::recursive_directory_iterator() && m_files.size() < most_files;
         at.increment(error)) {
      if (at->path().filename().string().starts_with('.'))
        at.disable_recursion_pending();
      else if (at->is_regular_file(error))
        m_files.push_back(at->path());
    }
    std::sort(m_files.begin(), m_files.end());
    return m_files;
  }

  fs::path m_root, m_repository;
  bool m_files_known = false;
  std::vector<fs::path> m_files;
  std::map<std::string, std::vector<fs::path>> m_matching;
  std::map<fs::path, std::string> m_texts;
};

std::optional<SourcePlace> place_of_kernel(const CaseReport& entry, const KernelSource& source,
                                           Sources& sources) {
  std::optional<SourcePlace> mentioned;
  for (const std::string& kernel : entry.kernels)
    for (const fs::path& file : sources.matching(source.files)) {
      const auto found = line_of_kernel(sources.text(file), plain_kernel_name(kernel));
      if (!found) continue;
      if (found->defined) return SourcePlace{sources.name(file), found->line};
      if (!mentioned) mentioned = SourcePlace{sources.name(file), found->line};
    }
  if (mentioned) return mentioned;
  // A file that is named by itself is the place, whatever its kernels are called.
  if (const auto& files = sources.matching(source.files); files.size() == 1)
    return SourcePlace{sources.name(files[0]), 1};
  return std::nullopt;
}

/// Returns the line of the configuration that asks for the case: its program's name, or the suite.
SourcePlace place_in_config(const CaseReport& entry, const Project& project, const Config& config,
                            Sources& sources) {
  const std::string& text = sources.text(project.policy);
  std::string wanted = "[suite]";
  for (const ProgramSpec& program : config.programs)
    if (entry.group.starts_with(program.name + "/")) wanted = fmt::format("\"{}\"", program.name);
  const std::size_t at = std::min(text.find(wanted), text.size());
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  return {sources.name(project.policy), at == text.size() ? 1 : static_cast<int>(lines) + 1};
}

}  // namespace

void add_source_places(Report& report, const Project& project, const Config& config) {
  if (project.installed) return;
  Sources sources(project);
  std::set<std::string> missing;
  for (CaseReport& entry : report.cases) {
    if (verdict_info(entry.verdict()).annotation == Annotation::none) continue;
    for (const KernelSource& source : config.sources) {
      if (!glob_match(source.cases, entry.id)) continue;
      if (sources.matching(source.files).empty()) missing.insert(source.files);
      if (auto place = place_of_kernel(entry, source, sources)) entry.place = std::move(place);
    }
    if (!entry.place) entry.place = place_in_config(entry, project, config, sources);
    if (entry.place->file.empty()) entry.place.reset();
  }
  for (const std::string& files : missing)
    report.notes.push_back(fmt::format("[[where]]: there is no file {}", files));
}

}  // namespace perfgate
