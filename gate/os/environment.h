// SPDX-License-Identifier: Apache-2.0
// What of the environment a child process may see, and where this process keeps its secrets.
//
// The hazard: whatever runs as the same user can read /proc/PID/environ of perfgate, which holds
// the environment that perfgate was started with, whatever unsetenv() did since. The runner is
// built from the change under test, and a program is anybody's code. So the secrets are taken out
// of that block before anything else happens, and live in this process's memory alone, which
// PR_SET_DUMPABLE closes to others (docs/security.md).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// What a child process is, which decides what of the environment it gets.
enum class ChildKind {
  tool,          ///< perfgate-runner, git: what is on a list, and nothing else
  user_command,  ///< a command of the user's: everything but what may be a secret
};

/// Whether a variable of this name may hold a secret. A word of it (words are parted by '_', in
/// either case) is or ends in TOKEN, SECRET, SECRETS, PASSWORD, PASSWD, PASSPHRASE, CREDENTIAL,
/// CREDENTIALS or PAT; or it ends in _KEY behind API, ACCESS, ACCOUNT, AUTH, DEPLOY, ENCRYPTION,
/// PRIVATE, SIGNING or SSH; or it is one of the addresses that GitHub Actions and ssh give beside a
/// token.
bool is_secret_name(std::string_view name);

/// Whether a child of this kind gets the variable.
bool is_passed_on(std::string_view name, ChildKind kind);

/// Returns the environment of a child as "NAME=value": what is_passed_on() of this process's, and
/// `more`, which wins.
std::vector<std::string> child_environment(ChildKind kind,
                                           const std::map<std::string, std::string>& more);

/// Takes every variable that is_secret_name() out of this process's environment, overwrites the
/// text where it stood, and forbids core dumps and looks into this process's memory. To be called
/// before there are threads.
void hide_secrets();

/// Returns a secret that hide_secrets() took; "" when there was none.
std::string hidden_secret(const std::string& name);

}  // namespace perfgate
