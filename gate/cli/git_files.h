// SPDX-License-Identifier: Apache-2.0
// Files of other commits, as git has them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace perfgate {

/// Returns what git complained about in `log`, on one line; "" when it did not.
std::string git_error(const std::string& log);

/// Returns the commit that --baseline-ref names in the repository around `root`. A branch
/// wins over a tag of the same name, which others than the branch's owners may be able to push.
/// Throws UsageError for a ref that git does not know, and with git's own words where it fails.
std::string commit_of_ref(const std::filesystem::path& root, const std::string& ref);

/// Returns how many commits the checkout around `root` lacks of those that lead to `commit`; empty
/// where git cannot tell, as in a clone without history.
std::optional<int> commits_behind(const std::filesystem::path& root, const std::string& commit);

/// Returns the first parent of a commit of the repository around `folder`; "" where git cannot
/// tell.
std::string parent_of_commit(const std::filesystem::path& folder, const std::string& commit);

/// Returns the bytes of `path` (below `root`) in a commit; empty when the commit has no such file.
std::optional<std::string> file_at(const std::filesystem::path& root, const std::string& commit,
                                   const std::string& path);

}  // namespace perfgate
