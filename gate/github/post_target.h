// SPDX-License-Identifier: Apache-2.0
// The places that a result can be posted to: a closed set.
#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace perfgate {

enum class Place { comment, check, status, summary, annotations, outputs };

struct PlaceInfo {
  Place place;
  std::string_view id;
  bool needs_api;
  std::string_view meaning;
};
inline constexpr std::array<PlaceInfo, 6> places{{
    {Place::comment, "comment", true, "one comment on the pull request, updated by the next run"},
    {Place::check, "check", true, "a check run on the commit, with annotations"},
    {Place::status, "status", true, "a commit status"},
    {Place::summary, "summary", false, "the step summary (GITHUB_STEP_SUMMARY)"},
    {Place::annotations, "annotations", false, "error and warning lines in the step's log"},
    {Place::outputs, "outputs", false, "the step's outputs (GITHUB_OUTPUT)"},
}};

/// "comment,check" as places, in the order of the table. Throws UsageError with a did-you-mean.
std::vector<Place> parse_places(std::string_view list);

}  // namespace perfgate
