// SPDX-License-Identifier: Apache-2.0
// What every page that perfgate writes is made with: a template with placeholders, data that no
// text in it can break out of, and a policy that runs only the scripts that the page was built
// with.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "gate/report/page_files.h"
#include "gate/util/json_object.h"

namespace perfgate {

/// Replaces each {{name}} by what `content_of` gives for it, in one pass: inserted text is never
/// scanned again.
std::string fill_page(std::string_view page,
                      const std::function<std::string(std::string_view)>& content_of);

/// Returns JSON for a script element: without '<' it cannot end the element or begin a comment. It
/// is pure ASCII, because browsers decode that several times faster.
std::string script_json(const Json& json);

/// Returns the Content-Security-Policy of a page with this script.
std::string page_policy(const PageFile& script);

}  // namespace perfgate
