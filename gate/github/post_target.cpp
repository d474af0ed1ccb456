// SPDX-License-Identifier: Apache-2.0
#include "gate/github/post_target.h"

#include "gate/util/error.h"
#include "gate/util/id_table.h"

namespace perfgate {

std::vector<Place> parse_places(std::string_view list) {
  std::vector<bool> wanted(places.size());
  for (;;) {
    const std::size_t comma = list.find(',');
    const std::string_view id = list.substr(0, comma);
    const PlaceInfo* place = find_by_id(places, id);
    if (!place) throw UsageError("--post: " + unknown_id(id, ids_of(places)));
    wanted[static_cast<std::size_t>(place->place)] = true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  std::vector<Place> out;
  for (const PlaceInfo& info : places)
    if (wanted[static_cast<std::size_t>(info.place)]) out.push_back(info.place);
  return out;
}

}  // namespace perfgate
