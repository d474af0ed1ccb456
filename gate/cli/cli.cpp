#include "gate/cli/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "gate/github/comment_text.h"
#include "gate/github/github_requests.h"
#include "gate/judge/conclusion.h"
#include "gate/util/error.h"
#include "gate/util/exit_code.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace perfgate {

namespace {

std::string help_text() {
  std::string text =
      "perfgate: the performance-regression gate for GPU CI\n"
      "\n"
      "  perfgate [check]                measure, judge against the baseline, report\n"
      "  perfgate run -o RUN.json        measure only\n"
      "  perfgate compare RUN.json       judge a saved run [--against BASELINE.toml|RUN.json]\n"
      "  perfgate ab --base R --head R   two builds of perfgate-runner, interleaved\n"
      "  perfgate qualify                this machine's false alarms, with --slow PERCENT its "
      "sensitivity\n"
      "  perfgate baseline refresh       measure and write baselines/<gpu>.toml; with --only a "
      "part "
      "of it\n"
      "  perfgate baseline show [FILE]   print one; diff A B: two; lint [FILE...]: what is wrong "
      "with it\n"
      "  perfgate publish RESULT.json... post a result to GitHub [--dry-run: print the requests]\n"
      "  perfgate merge RESULT.json...   the results of several GPUs as one report\n"
      "  perfgate list                   the planned cases (no GPU needed); --json: as a request\n"
      "  perfgate doctor                 what on this machine would spoil a measurement, and the "
      "fix\n"
      "  perfgate metrics --chip NAME    a set's counters and passes on a chip [--set NAME] (no "
      "GPU)\n"
      "\n"
      "  --gpu auto|h100|h200|...  the GPU that must be there        [auto: the one that is]\n"
      "  --only GLOB               cases by id, '*' spans '/'; repeat for more\n"
      "  --replay RUN.json         use a recorded run instead of a GPU\n"
      "  --json F, --markdown F, --junit F, --html F    write the report so, too; '-' is stdout\n"
      "  --trace F                 check, compare: one step as a trace for Perfetto, "
      "chrome://tracing\n"
      "  --post LIST               check, publish: comment, check, status, summary, annotations, "
      "outputs\n"
      "  --require-post            what could not be posted makes exit code 3\n"
      "  --name N --artifact-url U the posts' name [perfgate], and what they link to\n"
      "  -o, --output F            keep the run record; --no-raw: without the single samples\n"
      "  --processes N             fresh timing processes               [from the config]\n"
      "  --backend auto|own|cublas measuring, list, doctor: who computes the GEMMs [from the "
      "config]\n"
      "  --thorough                flag more for confirmation: sees smaller changes, takes longer\n"
      "  --lock-clocks             lock the GPU's clocks meanwhile (root); restored on every exit\n"
      "  --baseline F              the baseline file         [baselines/<gpu>.toml]\n"
      "  --baseline-ref REF        check, compare: the baseline of this commit, not of the work "
      "tree\n"
      "  --board                   baseline refresh: a file of this board's own, beside the "
      "others'\n"
      "  --accept CASE --why TEXT  baseline refresh: record that the change of CASE is meant\n"
      "  --config F                the policy                [configs/perfgate.toml]\n"
      "  --rounds N                ab, qualify: at most so many, 6 to 24    [24]\n"
      "  --slow PERCENT --stage S  qualify: how much slower, in which stages; repeat --stage\n"
      "  --base-runner F           the base build's: confirms what looks slower against it\n"
      "  --runner F                the measuring program     [perfgate-runner beside perfgate]\n"
      "  --explain CASE            print every number that the verdict on a case rests on\n"
      "  --quiet                   only what did not pass, and the verdict\n"
      "  --color WHEN              auto, always, never; NO_COLOR is honoured   [auto]\n"
      "  --version, --help\n"
      "\n"
      "Without a GPU a shell gets a replay of a real recorded run; with CI set it is an error.\n"
      "\n"
      "exit codes:\n";
  for (const ExitCodeInfo& info : exit_codes)
    text += fmt::format("  {:>3}  {}\n", static_cast<int>(info.code), info.meaning);
  return text;
}

/// The options that measuring and judging commands share.
void add_common(CLI::App& app, Options& options) {
  app.add_option("--gpu", options.gpu);
  app.add_option("--only", options.only)->take_all();
  app.add_option("--config", options.config);
  app.add_option("--runner", options.runner);
  app.add_option("--base-runner", options.base_runner);
  app.add_option("--baseline", options.baseline);
  app.add_option("--baseline-ref", options.baseline_ref);
  app.add_option("--replay", options.replay);
  app.add_option("--json", options.json);
  app.add_option("--markdown", options.markdown);
  app.add_option("--html", options.html);
  app.add_option("--trace", options.trace);
  app.add_option("--junit", options.junit);
  app.add_option_function<std::string>(
      "--post", [&options](const std::string& list) { options.post = parse_places(list); });
  app.add_flag("--require-post", options.require_post);
  app.add_option("--name", options.post_name);
  app.add_option("--artifact-url", options.artifact_url);
  app.add_option("-o,--output", options.output);
  app.add_flag("--no-raw", options.no_raw);
  app.add_option("--processes", options.processes)->check(CLI::Range(2, 1000));
  app.add_flag("--lock-clocks", options.lock_clocks);
  app.add_option_function<std::string>("--backend", [&options](const std::string& id) {
    const auto* info = find_by_id(gemm_backends, id);
    if (!info)
      throw CLI::ValidationError(
          "--backend", fmt::format("'{}' is not one of {}", id, join(ids_of(gemm_backends))));
    options.backend = info->backend;
  });
  app.add_flag("--thorough", options.thorough);
  app.add_option("--explain", options.explain)->take_all();
  app.add_flag("--quiet", options.quiet);
  app.add_option_function<std::string>("--color", [&options](const std::string& when) {
    if (when == "auto")
      options.color = ColorWhen::automatic;
    else if (when == "always")
      options.color = ColorWhen::always;
    else if (when == "never")
      options.color = ColorWhen::never;
    else
      throw CLI::ValidationError("--color", "'" + when + "' is not one of auto, always, never");
  });
}

/// The command as typed, for provenance; files by their names, not by their places on somebody's
/// disk.
std::string command_line(int argc, const char* const* argv) {
  std::string text = "perfgate";
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word.starts_with('/')) word.remove_prefix(word.rfind('/') + 1);
    text += fmt::format(" {}", word);
  }
  return text;
}

/// CLI11's own complaint, with the nearest option or command when a word was mistyped.
std::string complaint(const CLI::ParseError& error, const CLI::App& app,
                      const CLI::App& every_option) {
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    known.push_back(command->get_name());
    for (const CLI::App* part : command->get_subcommands(nullptr))
      known.push_back(part->get_name());
  }
  for (const CLI::Option* option : every_option.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  std::string text = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
    const std::string word = text.substr(text.rfind(' ') + 1);
    text = fmt::format("unknown argument '{}'{}", word,
                       did_you_mean(word.substr(0, word.find('=')), known));
  }
  return fmt::format("{}; see `perfgate --help`", text);
}

/// What CLI11 can't know about the options of the stored baselines.
void check_baseline_options(const Options& options) {
  if (options.own_board && options.baseline)
    throw UsageError("--board names the file after the board, --baseline says which; give one");
  const bool judges = options.command == Command::check || options.command == Command::compare;
  if (const auto& ref = options.baseline_ref) {
    if (!judges) throw UsageError("--baseline-ref is for check and compare");
    if (options.baseline || options.against)
      throw UsageError(
          "--baseline-ref takes the baseline from git, --baseline and --against from "
          "a file; give one");
    // git must take it for a commit: not for an option, nor for a file of some other commit.
    if (ref->empty() || ref->starts_with('-') || ref->find(':') != std::string::npos)
      throw UsageError(fmt::format(
          "--baseline-ref '{}': not a branch, tag or commit, such as origin/main", *ref));
  }
  if (!options.accept.empty() || !options.why.empty()) {
    if (options.command != Command::baseline_refresh)
      throw UsageError("--accept and --why are for `perfgate baseline refresh`");
    if (options.accept.size() != options.why.size())
      throw UsageError(fmt::format("{} --accept, {} --why; each accepted case needs its why",
                                   options.accept.size(), options.why.size()));
    for (std::size_t i = 0; i < options.why.size(); ++i)
      if (options.why[i].find_first_not_of(" \t\n") == std::string::npos)
        throw UsageError(
            fmt::format("--accept {}: --why is empty: say why it is right", options.accept[i]));
  }
  if (options.command == Command::baseline_show &&
      options.files.size() + (options.gpu != "auto") + options.baseline.has_value() > 1)
    throw UsageError("baseline show prints one: a file, or --gpu ID");
  if (options.command == Command::baseline_diff && options.files.size() != 2)
    throw UsageError("baseline diff needs two files: `perfgate baseline diff A.toml B.toml`");
}

/// --backend is part of a plan: it means something where one is measured or shown, and to doctor.
void check_backend(const Options& options) {
  if (!options.backend) return;
  switch (options.command) {
    case Command::check:
    case Command::run:
    case Command::ab:
    case Command::qualify:
    case Command::baseline_refresh:
    case Command::list:
    case Command::doctor:
      if (!options.replay) return;
      break;
    case Command::compare:
    case Command::baseline_show:
    case Command::baseline_diff:
    case Command::baseline_lint:
    case Command::metrics:
    case Command::publish:
    case Command::merge:
      break;
  }
  throw UsageError(
      "--backend is for measuring, list and doctor; what was recorded was computed as it was");
}

/// What CLI11 can't know about posting and results.
void check_post_options(const Options& options) {
  const bool publishes = options.command == Command::publish;
  const bool posts = publishes || options.command == Command::check;
  if (!posts &&
      (!options.post.empty() || options.require_post || options.post_name || options.artifact_url))
    throw UsageError("--post, --require-post, --name and --artifact-url are for check and publish");
  if (options.require_post && options.post.empty())
    throw UsageError("--require-post needs --post: what is to be posted?");
  if (options.post_name) require_post_name(*options.post_name);
  if (const auto& url = options.artifact_url; url && !is_linkable(*url))
    throw UsageError(fmt::format("--artifact-url '{}': not a plain http or https URL", *url));
  const bool reads_results = publishes || options.command == Command::merge;
  if (reads_results && options.files.empty())
    throw UsageError(fmt::format("{0} needs a result: `perfgate {0} RESULT.json`",
                                 publishes ? "publish" : "merge"));
  if (reads_results && (options.html || options.output))
    throw UsageError(
        "--html and --output need the run: `perfgate compare RUN.json --html F`; a result has "
        "only what --json wrote");
  if (options.dry_run && (options.json == "-" || options.markdown == "-" || options.junit == "-"))
    throw UsageError("--dry-run prints to stdout; give the other outputs a file");
}

}  // namespace

ParsedCli parse_cli(int argc, const char* const* argv) {
  Options options;
  options.command_line = command_line(argc, argv);
  CLI::App app("perfgate", "perfgate");
  app.set_help_flag();
  bool help = false, version = false;
  app.add_flag("-h,--help", help);
  app.add_flag("--version", version);
  app.require_subcommand(0, 1);
  app.fallthrough();
  add_common(app, options);
  const auto command = [&](CLI::App& parent, const char* name, Command value) {
    CLI::App* sub = parent.add_subcommand(name);
    sub->set_help_flag();
    sub->fallthrough();
    sub->callback([&options, value] { options.command = value; });
    return sub;
  };
  command(app, "check", Command::check);
  command(app, "run", Command::run);
  CLI::App* ab = command(app, "ab", Command::ab);
  ab->add_option("--base", options.base_runner);
  ab->add_option("--head", options.runner);
  ab->add_option("--rounds", options.rounds)->check(CLI::Range(looks.front(), looks.back()));
  CLI::App* qualify = command(app, "qualify", Command::qualify);
  qualify->add_option("--rounds", options.rounds)->check(CLI::Range(looks.front(), looks.back()));
  qualify->add_option("--slow", options.slow_percent)->check(CLI::Range(0.1, 100.0));
  qualify->add_option("--stage", options.stages)->take_all();
  command(app, "list", Command::list);
  command(app, "doctor", Command::doctor);
  CLI::App* metrics = command(app, "metrics", Command::metrics);
  metrics->add_option("--chip", options.chip);
  metrics->add_option("--set", options.metric_set);
  CLI::App* publish = command(app, "publish", Command::publish);
  publish->add_option("RESULTS", options.files);
  publish->add_flag("--dry-run", options.dry_run);
  command(app, "merge", Command::merge)->add_option("RESULTS", options.files);
  CLI::App* compare = command(app, "compare", Command::compare);
  compare->add_option("RUN", options.run_file);
  compare->add_option("--against", options.against);
  CLI::App* baseline = app.add_subcommand("baseline");
  baseline->set_help_flag();
  baseline->fallthrough();
  CLI::App* refresh = command(*baseline, "refresh", Command::baseline_refresh);
  // One value each: what follows is another option, never a second case.
  refresh->add_option("--accept", options.accept)->allow_extra_args(false);
  refresh->add_option("--why", options.why)->allow_extra_args(false);
  refresh->add_flag("--board", options.own_board);
  command(*baseline, "show", Command::baseline_show)->add_option("FILE", options.files);
  command(*baseline, "diff", Command::baseline_diff)->add_option("FILES", options.files);
  command(*baseline, "lint", Command::baseline_lint)->add_option("FILES", options.files);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    throw UsageError(complaint(error, app, app));
  }
  if (help) return {std::nullopt, help_text()};
  if (version) return {std::nullopt, fmt::format("perfgate {}\n", perfgate_version)};
  if (baseline->parsed() && baseline->get_subcommands().empty())
    throw UsageError("baseline needs `refresh`, `show`, `diff` or `lint`; see `perfgate --help`");
  if (options.command == Command::compare && options.run_file.empty())
    throw UsageError("compare needs a run record: `perfgate compare RUN.json`");
  if (options.command == Command::metrics && options.chip.empty())
    throw UsageError("metrics needs a chip: `perfgate metrics --chip GH100`");
  if (options.command == Command::ab && (!options.base_runner || !options.runner))
    throw UsageError("ab needs two builds: `perfgate ab --base RUNNER --head RUNNER`");
  if (options.command == Command::ab && options.replay)
    throw UsageError("ab measures; a saved run of it is judged by `perfgate compare`");
  if (options.command == Command::qualify && options.replay)
    throw UsageError("qualify measures; it has nothing to replay");
  if (options.command == Command::qualify &&
      options.slow_percent.has_value() == options.stages.empty())
    throw UsageError(
        "qualify plants with both: `perfgate qualify --slow 2 --stage o_proj --stage attention`");
  if (options.command == Command::run && !options.output)
    throw UsageError("run needs a file for its record: `perfgate run -o RUN.json`");
  check_backend(options);
  check_baseline_options(options);
  if (!options.explain.empty() && options.command != Command::check &&
      options.command != Command::compare && options.command != Command::ab)
    throw UsageError("--explain is for check, compare and ab");
  if (options.trace && options.command != Command::check && options.command != Command::compare)
    throw UsageError("--trace is for check and compare");
  if (options.command == Command::publish && options.post.empty())
    options.post = {Place::comment, Place::check, Place::status};
  check_post_options(options);
  if ((options.json == "-") + (options.markdown == "-") + (options.html == "-") +
          (options.junit == "-") + (options.trace == "-") + (options.output == "-") >
      1)
    throw UsageError(
        "--json -, --markdown -, --junit -, --html -, --trace - and --output - all want stdout; "
        "give one to "
        "it");
  return {options, {}};
}

}  // namespace perfgate
