// SPDX-License-Identifier: Apache-2.0
// The history as one page that needs no network: fit for GitHub Pages.
#pragma once

#include <string>
#include <string_view>

#include "gate/history/change_points.h"

namespace perfgate {

/// `repository` is the address that commits are below of, "https://github.com/owner/name"; "": no
/// links.
std::string history_page(const History& history, const std::vector<CaseSeries>& series,
                         const std::vector<CaseTrend>& found, const std::string& repository,
                         std::string_view version);

}  // namespace perfgate
