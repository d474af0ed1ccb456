// SPDX-License-Identifier: Apache-2.0
#include "gate/program/program_request.h"

#include <limits>

#include "gate/record/plan_json.h"
#include "gate/util/id_table.h"
#include "gate/util/json_object.h"

namespace perfgate {

std::string write_program_request(const ProgramRequest& request) {
  Json json{{"schema", program_request_schema},
            {"kind", "program request"},
            {"mode", program_modes[static_cast<std::size_t>(request.mode)].id},
            {"source", range_sources[static_cast<std::size_t>(request.source)].id},
            {"scope", launch_scopes[static_cast<std::size_t>(request.scope)].id},
            {"include", request.include},
            {"exclude", request.exclude},
            {"kernels", request.kernels},
            {"skip", request.skip},
            {"occurrences", request.occurrences},
            {"whole_graphs", request.whole_graphs},
            {"repetitions", request.repetitions},
            {"folder", request.folder},
            {"metrics", Json::array()}};
  for (const Metric& metric : request.metrics) json["metrics"].push_back(write_metric(metric));
  return json_text(json);
}

ProgramRequest read_program_request(std::string_view text, const std::string& source) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const Json document = parse_json(text, source);
  JsonObject json(document, source);
  json.require_schema(program_request_schema);
  if (json.string("kind") != "program request") json.fail("kind", "expected a program request");
  ProgramRequest request;
  request.mode = choose(program_modes, json, "mode").mode;
  request.source = choose(range_sources, json, "source").source;
  request.scope = choose(launch_scopes, json, "scope").scope;
  request.include = json.strings("include");
  request.exclude = json.strings("exclude");
  request.kernels = json.strings("kernels");
  request.skip = json.integer("skip", 0, most);
  request.occurrences = json.integer("occurrences", 1, most);
  request.whole_graphs = json.boolean("whole_graphs");
  request.repetitions = json.small_integer("repetitions", 0, 1000);
  request.folder = json.string("folder");
  for (JsonObject& metric : json.objects("metrics")) request.metrics.push_back(read_metric(metric));
  json.finish();
  return request;
}

}  // namespace perfgate
