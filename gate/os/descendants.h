// SPDX-License-Identifier: Apache-2.0
// Ends what a measured command leaves running. Killing its process group does not reach a
// descendant that began a session of its own, as the launchers of distributed programs make their
// workers; it would go on using the GPU that is measured next.
#pragma once

#include <set>

namespace perfgate {

/// While it lives, orphans among this process's descendants become its own children
/// (PR_SET_CHILD_SUBREAPER). The destructor kills all children that were not there at the
/// beginning, and theirs, and waits for their ends. One at a time.
class Descendants {
 public:
  /// Throws NoVerdict where no descriptor is left to list the children that are there.
  Descendants();
  ~Descendants();
  Descendants(const Descendants&) = delete;
  Descendants& operator=(const Descendants&) = delete;

 private:
  std::set<int> m_before;
};

}  // namespace perfgate
