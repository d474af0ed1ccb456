// SPDX-License-Identifier: Apache-2.0
#include "gate/os/environment.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "gate/os/process.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Sets a variable for the time of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : m_name(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(m_name); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* m_name;
};

constexpr std::array secret_names{
    // GitHub Actions, gh
    "GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_RUNTIME_URL", "INPUT_GITHUB-TOKEN", "GITHUB_PAT",
    // other CI systems, clouds, registries
    "CI_JOB_TOKEN", "CI_REGISTRY_PASSWORD", "SYSTEM_ACCESSTOKEN", "BUILDKITE_AGENT_ACCESS_TOKEN",
    "CIRCLE_OIDC_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET",
    "GOOGLE_APPLICATION_CREDENTIALS", "NPM_TOKEN", "HF_TOKEN", "OPENAI_API_KEY", "PGPASSWORD",
    "WANDB_API_KEY", "SSH_PRIVATE_KEY", "SSH_AUTH_SOCK", "DEPLOY_KEY", "my_secret", "SIGNING_KEY",
    "DB_PASSWD", "GPG_PASSPHRASE", "REGISTRY_CREDENTIALS", "AZURE_STORAGE_ACCOUNT_KEY"};

constexpr std::array plain_names{"PATH",
                                 "HOME",
                                 "TOKENIZERS_PARALLELISM",
                                 "MAX_BATCHED_TOKENS",
                                 "KEYBOARD",
                                 "CUDA_CACHE_PATH",
                                 "SORT_KEY",
                                 "PYTHONPATH",
                                 "VLLM_USE_V1",
                                 "PATTERN",
                                 "GITHUB_REPOSITORY",
                                 "CI",
                                 "SECRETARY"};

}  // namespace

TEST_CASE("names that may hold a secret", "[environment]") {
  for (const char* name : secret_names) {
    INFO(name);
    CHECK(is_secret_name(name));
    CHECK_FALSE(is_passed_on(name, ChildKind::tool));
    CHECK_FALSE(is_passed_on(name, ChildKind::user_command));
  }
  for (const char* name : plain_names) {
    INFO(name);
    CHECK_FALSE(is_secret_name(name));
    CHECK(is_passed_on(name, ChildKind::user_command));
  }
}

TEST_CASE("a tool gets what is on the list, a user's command everything but secrets",
          "[environment]") {
  for (const char* name : {"PATH", "HOME", "LC_ALL", "LD_LIBRARY_PATH", "CUDA_HOME", "TMPDIR",
                           "PERFGATE_NVML", "GIT_DIR", "CUDA_VISIBLE_DEVICES"})
    CHECK(is_passed_on(name, ChildKind::tool));
  for (const char* name : {"GITHUB_REPOSITORY", "PYTHONPATH", "BASH_ENV", "HTTPS_PROXY", "ANYTHING",
                           "GIT_CONFIG_VALUE_0", "GIT_ASKPASS"}) {
    INFO(name);
    CHECK_FALSE(is_passed_on(name, ChildKind::tool));
    CHECK(is_passed_on(name, ChildKind::user_command));
  }
}

TEST_CASE("a child's environment by its kind, and what is added", "[environment]") {
  const Variable token("GH_TOKEN", "planted"), plain("SOME_SETTING", "1");
  const auto env_of = [](ChildKind kind) {
    return run_child({"env"}, {{"PERFGATE_X", "a=b"}, {"SOME_OTHER", "2"}}, 20, {}, kind).log;
  };
  const std::string tool = env_of(ChildKind::tool), user = env_of(ChildKind::user_command);
  for (const std::string& text : {tool, user}) {
    CHECK_THAT(text, ContainsSubstring("PATH=") && ContainsSubstring("PERFGATE_X=a=b\n") &&
                         ContainsSubstring("SOME_OTHER=2\n") && !ContainsSubstring("planted"));
  }
  CHECK_THAT(user, ContainsSubstring("SOME_SETTING=1\n"));
  CHECK_THAT(tool, !ContainsSubstring("SOME_SETTING"));
  const Variable own("PERFGATE_X", "from outside");
  CHECK_THAT(env_of(ChildKind::tool),
             ContainsSubstring("PERFGATE_X=a=b\n") && !ContainsSubstring("from outside"));
}

TEST_CASE("hidden secrets are out of the environment, and still known", "[environment]") {
  // It runs in its own process: what is hidden stays hidden.
  const pid_t process = ::fork();
  if (process == 0) {
    ::setenv("GITHUB_TOKEN", "planted", 1);
    ::setenv("A_SECRET", "", 1);
    ::setenv("PLAIN", "1", 1);
    const char* before = ::getenv("GITHUB_TOKEN");
    hide_secrets();
    const bool gone = !::getenv("GITHUB_TOKEN") && !::getenv("A_SECRET") && ::getenv("PLAIN");
    const bool overwritten = std::string_view(before, 7) == std::string_view("\0\0\0\0\0\0\0", 7);
    const bool known =
        hidden_secret("GITHUB_TOKEN") == "planted" && hidden_secret("A_SECRET").empty();
    const bool closed = ::prctl(PR_GET_DUMPABLE) == 0;
    ::_exit(gone && overwritten && known && closed ? 42 : 1);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  CHECK(hidden_secret("NEVER_SET_TOKEN").empty());
}
