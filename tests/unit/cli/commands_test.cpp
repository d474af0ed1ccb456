// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/commands.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "gate/cli/cli.h"
#include "gate/util/error.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// The value that the test's own command was run with.
std::string weighed;

Action prepare_weigh(CommandParser& parser) {
  struct WeighOptions {
    std::string file;
    std::optional<int> grams;
    std::optional<std::string> output;
  };
  auto options = std::make_shared<WeighOptions>();
  parser.argument(options->file);
  parser.option("-g,--grams N", options->grams, 1, 1000, "how heavy it must be");
  parser.output("--scale FILE", options->output, "write the weight");
  parser.check([&file = options->file] {
    if (file.empty()) throw UsageError("weigh needs a file");
  });
  return [options] {
    weighed = options->file + " " + std::to_string(options->grams.value_or(0));
    return ExitCode::no_verdict;
  };
}

/// Returns the commands, and the test's own.
std::vector<Command> with_weigh() {
  std::vector<Command> table(all_commands().begin(), all_commands().end());
  table.push_back({"weigh", "FILE", "say how heavy a file is", prepare_weigh});
  return table;
}

ParsedCli parse(std::vector<const char*> arguments, const std::vector<Command>& table) {
  arguments.insert(arguments.begin(), "perfgate");
  return parse_cli(static_cast<int>(arguments.size()), arguments.data(), table);
}

std::string refusal(const std::vector<const char*>& arguments) {
  return error_of<UsageError>([&] { parse(arguments, with_weigh()); });
}

}  // namespace

TEST_CASE("one more command is one row: parsed, run, listed in --help", "[commands]") {
  const std::vector<Command> table = with_weigh();
  const ParsedCli parsed = parse({"-g", "20", "weigh", "a.bin", "--scale=w.txt"}, table);
  REQUIRE(parsed.run);
  CHECK(parsed.outputs == std::vector<std::string>{"w.txt"});
  CHECK(parsed.run() == ExitCode::no_verdict);
  CHECK(weighed == "a.bin 20");
  CHECK_THAT(parse({"--help"}, table).text, ContainsSubstring("  perfgate weigh FILE"));
  const ParsedCli help = parse({"weigh", "--help"}, table);
  CHECK_FALSE(help.run);
  CHECK_THAT(help.text, StartsWith("perfgate weigh FILE: say how heavy a file is\n") &&
                            ContainsSubstring("  -g, --grams N") && !ContainsSubstring("--json"));
}

TEST_CASE("a new command refuses the others' options, and they refuse its own", "[commands]") {
  CHECK(refusal({"weigh", "a.bin", "--chip", "GH100"}) ==
        "unknown argument '--chip' for `perfgate weigh`: --chip is for metrics; see `perfgate "
        "weigh --help`");
  CHECK(refusal({"list", "--grams", "3"}) ==
        "unknown argument '--grams' for `perfgate list`: --grams is for weigh; see `perfgate list "
        "--help`");
  CHECK(refusal({"weigh", "a.bin", "--gram", "3"}) ==
        "unknown argument '--gram' for `perfgate weigh` (did you mean '--grams'?); see `perfgate "
        "weigh --help`");
  CHECK(refusal({"weihg"}) ==
        "unknown argument 'weihg' (did you mean 'weigh'?); see `perfgate --help`");
  CHECK(refusal({"weigh"}) == "weigh needs a file");
  CHECK(refusal({"weigh", "a.bin", "b.bin"}) ==
        "unknown argument 'b.bin'; see `perfgate weigh --help`");
  CHECK_THAT(refusal({"weigh", "a.bin", "--grams", "1001"}), ContainsSubstring("--grams"));
}

TEST_CASE("after -- no word is an option or a command", "[commands]") {
  const ParsedCli parsed = parse({"weigh", "--", "--grams"}, with_weigh());
  parsed.run();
  CHECK(weighed == "--grams 0");
}

TEST_CASE("a value may look like a command or an option", "[commands]") {
  const ParsedCli parsed = parse({"--scale", "list", "weigh", "run"}, with_weigh());
  CHECK(parsed.outputs == std::vector<std::string>{"list"});
  parsed.run();
  CHECK(weighed == "run 0");
  CHECK(parse({"weigh", "a", "--scale", "--help"}, with_weigh()).outputs ==
        std::vector<std::string>{"--help"});
}

TEST_CASE("the rows of the commands are complete and different", "[commands]") {
  const auto commands = all_commands();
  CHECK(commands.front().path == "check");
  for (const Command& command : commands) {
    INFO(command.path);
    CHECK_FALSE(command.summary.empty());
    CHECK(std::count_if(commands.begin(), commands.end(),
                        [&](const Command& other) { return other.path == command.path; }) == 1);
  }
}

// parse_cli() finds the command among options that may belong to any command.
TEST_CASE("an option takes a value in all commands or in none", "[commands]") {
  std::map<std::string, bool> takes_value;
  for (const Command& command : all_commands()) {
    CommandParser parser;
    const Action keeps_the_options = command.prepare(parser);
    for (const OptionHelp& option : parser.options())
      for (const std::string& name : option.names) {
        INFO(command.path << " " << name);
        const bool takes = !option.placeholder.empty();
        CHECK(takes_value.try_emplace(name, takes).first->second == takes);
      }
  }
  CHECK(takes_value.size() > 30);
}

TEST_CASE("every command's help names its options on lines that fit", "[commands]") {
  for (const Command& command : all_commands()) {
    CommandParser parser;
    const Action keeps_the_options = command.prepare(parser);
    std::vector<const char*> arguments;
    std::vector<std::string> words = split(std::string(command.path), ' ');
    for (const std::string& word : words) arguments.push_back(word.c_str());
    arguments.push_back("--help");
    const std::string text = parse(arguments, with_weigh()).text;
    INFO(text);
    for (const std::string& line : split(text, '\n')) CHECK(line.size() <= 100);
    CHECK(split(text, '\n').size() <= 50);
    for (const OptionHelp& option : parser.options())
      CHECK((text.find("  " + option.names.front()) != std::string::npos) ==
            !option.description.empty());
  }
}
