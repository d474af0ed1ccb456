// SPDX-License-Identifier: Apache-2.0
#include "gate/post/post_options.h"

#include <algorithm>

namespace perfgate {

bool PostOptions::wants(Place place) const {
  return std::find(places.begin(), places.end(), place) != places.end();
}

bool PostOptions::needs_api() const {
  return std::any_of(places.begin(), places.end(), [](Place place) {
    return perfgate::places[static_cast<std::size_t>(place)].needs_api;
  });
}

}  // namespace perfgate
