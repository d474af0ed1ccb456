#include "gate/cli/publish_commands.h"

#include <fmt/format.h>

#include "gate/cli/outputs.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"
#include "gate/post/poster.h"
#include "gate/report/render.h"
#include "gate/report/result_reader.h"
#include "gate/util/error.h"

namespace perfgate {

namespace {

Report read_results(const Options& options) {
  std::vector<Report> results;
  for (const std::string& file : options.files)
    results.push_back(read_result(read_file(file, longest_result_bytes), file));
  return merge_results(results);
}

bool needs_target(const Options& options) {
  for (const Place place : options.post)
    if (places[static_cast<std::size_t>(place)].needs_api) return true;
  return false;
}

}  // namespace

ExitCode publish_results(const Options& options) {
  Options quiet = options;
  quiet.quiet = true;  // who measured has printed the table
  const Report report = read_results(options);
  if (options.dry_run) {
    const std::string requests = dry_run(options, report);
    print_stdout(requests);
    return deliver(report, quiet);
  }
  // Posting is all that was asked for: without a place to post to, that is bad usage.
  if (needs_target(options)) target_here();
  Posting posting(options);
  const ExitCode verdict = deliver(report, quiet);
  posting.post(report);
  return posting.exit_code(verdict);
}

ExitCode merge_files(const Options& options) {
  return deliver(read_results(options), options);
}

}  // namespace perfgate
