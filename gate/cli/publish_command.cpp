// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/publish_command.h"

#include <fmt/format.h>

#include <memory>

#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/session.h"
#include "gate/os/terminal.h"
#include "gate/post/poster.h"
#include "gate/util/error.h"

namespace perfgate {

namespace {

struct PublishOptions {
  std::vector<std::string> results;
  bool dry_run = false;
  bool force = false;  ///< post a result of another commit
  PostOptions post;
  ReportOptions reports;
  TextOptions text;
};

struct MergeOptions {
  std::vector<std::string> results;
  ReportOptions reports;
  bool quiet = false;
  TextOptions text;
};

ExitCode publish(const PublishOptions& options) {
  PostOptions post = options.post;
  post.written = options.reports.written();
  const Report report = load_results(options.results);
  // The command that measured has printed the table.
  const LogText text{.quiet = true,
                     .text = options.text,
                     .annotations = post.wants(Place::annotations),
                     .stdout_taken = options.dry_run};
  const auto require_commit = [&](const std::optional<std::string>& other) {
    if (other && !options.force)
      throw UsageError(*other + "; measure that commit, or give --force to post it all the same");
  };
  if (options.dry_run) {
    if (const Target target = target_here(); !target.ask_for_head)
      require_commit(other_commit(target, report.commit, report.head));
    const std::string requests = dry_run(post, report);
    print_stdout(requests);
    return deliver(report, options.reports, text);
  }
  // Posting is the only request: without a place to post to, that is bad usage.
  if (post.needs_api()) target_here();
  Posting posting(post);
  if (!options.force) require_commit(posting.other_commit(report.commit, report.head));
  const ExitCode verdict = deliver(report, options.reports, text);
  posting.post(report);
  return posting.exit_code(verdict);
}

ExitCode merge(const MergeOptions& options) {
  return deliver(load_results(options.results), options.reports,
                 {.quiet = options.quiet, .text = options.text});
}

void add_results(CommandParser& parser, std::vector<std::string>& results, const char* command) {
  parser.arguments(results);
  parser.check([&results, command] {
    if (results.empty())
      throw UsageError(fmt::format("{0} needs a result: `perfgate {0} RESULT.json`", command));
  });
}

}  // namespace

Action prepare_publish(CommandParser& parser) {
  auto options = std::make_shared<PublishOptions>();
  add_results(parser, options->results, "publish");
  parser.flag("--dry-run", options->dry_run, "print the requests, send none");
  parser.flag("--force", options->force, "post a result of another commit, or of none, too");
  parser.check([&publish = *options] {
    if (publish.dry_run && publish.reports.to_stdout())
      throw UsageError("--dry-run prints to stdout; give the other outputs a file");
    if (publish.post.places.empty())
      publish.post.places = {Place::comment, Place::check, Place::status};
  });
  add_post(parser, options->post);
  add_reports(parser, options->reports, FormatNeeds::result);
  add_text(parser, options->text);
  return [options] { return publish(*options); };
}

Action prepare_merge(CommandParser& parser) {
  auto options = std::make_shared<MergeOptions>();
  add_results(parser, options->results, "merge");
  add_reports(parser, options->reports, FormatNeeds::result);
  add_quiet(parser, options->quiet);
  add_text(parser, options->text);
  return [options] { return merge(*options); };
}

}  // namespace perfgate
