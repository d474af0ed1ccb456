// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/project.h"

#include <set>

#include "gate/os/files.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

namespace fs = std::filesystem;
using namespace perfgate;

namespace {

/// A copy of the shipped configs/, which is the current folder while the object lives.
class Place {
 public:
  Place() : m_before(fs::current_path()) {
    fs::create_directories(m_folder.path() / "configs");
    fs::copy(fs::path(PERFGATE_SOURCE_DIR) / "configs", m_folder.path() / "configs",
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    fs::current_path(m_folder.path());
  }
  ~Place() { fs::current_path(m_before); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  fs::path configs() const { return m_folder.path() / "configs"; }
  Project project() const { return {configs() / "perfgate.toml"}; }

 private:
  TemporaryDirectory m_folder;
  fs::path m_before;
};

}  // namespace

TEST_CASE("the current folder's config comes first", "[project]") {
  const Place place;
  const Project project = find_project(std::nullopt);
  CHECK(fs::equivalent(project.policy, place.configs() / "perfgate.toml"));
  CHECK(fs::equivalent(project.root(), place.configs().parent_path()));
  CHECK(project.baseline("h100") == project.root() / "baselines" / "h100.toml");
  CHECK(project.recordings() == project.root() / "tests" / "recordings");
}

TEST_CASE("without configs/ a project's files lie in perfgate/ beside its policy", "[project]") {
  const Place place;
  fs::rename(place.configs() / "perfgate.toml", "perfgate.toml");
  const Project project = find_project(std::nullopt);
  const fs::path root = fs::current_path();
  CHECK(project.policy == root / "perfgate.toml");
  CHECK(project.root() == root);
  CHECK(project.data() == root / "perfgate");
  CHECK(project.baseline("h100") == root / "perfgate" / "baselines" / "h100.toml");
  CHECK(project.name_in_root(project.baseline("h100")) == "perfgate/baselines/h100.toml");
  CHECK(has_defaults(project));
  CHECK_FALSE(has_defaults(installation()));
}

TEST_CASE("a metric that decides must be in metrics.toml", "[project]") {
  const Place place;
  const fs::path policy = place.configs() / "perfgate.toml";
  write_file(policy, replaced(read_file(policy), "metric = \"instructions\"", "metric = \"ips\""));
  CHECK_THAT(error_of<UsageError>([&] { load_config(place.project()); }),
             ContainsSubstring("judge.metric: metrics.toml has no metric 'ips'"));
}

TEST_CASE("a config that is named is taken, from wherever it is named", "[project]") {
  const Place place;
  fs::current_path(place.configs());
  CHECK(fs::equivalent(find_project("perfgate.toml").root(), place.configs().parent_path()));
}

TEST_CASE("the shipped configuration is sound", "[project]") {
  const Place place;
  const Config config = load_config(place.project());
  for (const std::string& model : config.suite.models) CHECK(config.models.contains(model));
  CHECK_NOTHROW(metrics_of_set(config.metrics, config.measure.metric_set));
  // A GPU's file carries its id, and no driver name belongs to two products.
  std::set<std::string> ids, names;
  for (const GpuModel& gpu : config.gpus) {
    CHECK(ids.insert(gpu.id).second);
    CHECK(fs::exists(place.configs() / "gpus" / (gpu.id + ".toml")));
    for (const std::string& name : gpu.names) CHECK(names.insert(name).second);
  }
}

TEST_CASE("a broken file beside the policy is named", "[project]") {
  const Place place;
  const fs::path model = place.configs() / "models" / "llama-2-7b.toml";
  const std::string text = read_file(model);
  write_file(model, replaced(text, "llama-2-7b\"", "llama-2\""));
  CHECK_THAT(error_of<UsageError>([&] { load_config(place.project()); }),
             ContainsSubstring("llama-2-7b.toml: name: 'llama-2' must be the file's name"));
  write_file(model, text);
  write_file(place.configs() / "gpus" / "zzz.toml", "schema = 1\nid = \"x\n");
  CHECK_THAT(error_of<UsageError>([&] { load_config(place.project()); }),
             ContainsSubstring("gpus/zzz.toml:2: not valid TOML"));
  // The installation's stand in for what is not there.
  fs::remove_all(place.configs() / "gpus");
  CHECK(find_gpu(load_config(place.project()).gpus, "h100"));
  CHECK_THAT(error_of<UsageError>([] { load_config({"/none/configs/perfgate.toml"}); }),
             ContainsSubstring("cannot read /none/configs/perfgate.toml"));
}

TEST_CASE("the runner is the one that is named, else the one beside the program", "[project]") {
  CHECK(runner_path("x/y") == "x/y");
  CHECK(runner_path(std::nullopt) == program_directory() / "perfgate-runner");
}
