// SPDX-License-Identifier: Apache-2.0
// What the worst inputs of 1 MB cost: every parser, with what follows on its input, against many
// keys, long keys, deep nesting, many cases, huge numbers and long strings. Run by hand from an
// optimised build: perfgate-parser-benchmark [MEGABYTES]; a row is the slowest input of a parser.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "gate/baseline/baseline.h"
#include "gate/config/config.h"
#include "gate/github/comment_text.h"
#include "gate/github/github_event.h"
#include "gate/github/github_requests.h"
#include "gate/github/workflow_commands.h"
#include "gate/post/github_api.h"
#include "gate/program/kernel_filter.h"
#include "gate/program/observation.h"
#include "gate/program/program_measurement.h"
#include "gate/program/range_filter.h"
#include "gate/program/range_name.h"
#include "gate/report/formats.h"
#include "gate/report/make_report.h"
#include "gate/report/markdown_text.h"
#include "gate/report/result_reader.h"
#include "gate/util/error.h"
#include "gate/util/text.h"
#include "kernels/cupti/cubin.h"
#include "tests/support/made_cubin.h"
#include "tests/support/sample_reports.h"
#include "tests/support/sample_target.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

struct Input {
  std::string name, text;
};

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string out;
  while (out.size() + piece.size() <= bytes) out += piece;
  return out;
}

/// `piece(i)` for i = 0, 1, ... as long as it fits.
std::string numbered(std::size_t bytes, const std::function<std::string(std::size_t)>& piece) {
  std::string out;
  for (std::size_t i = 0; out.size() < bytes; ++i) out += piece(i);
  return out;
}

/// The record with its first case as often as it fits, under other names.
std::string with_cases(const std::string& record, std::size_t bytes) {
  Json document = Json::parse(record);
  const std::size_t copies = bytes / 700;
  const auto copy = [&](Json& list, const char* key) {
    for (std::size_t i = 0; i < copies && !list.empty(); ++i) {
      Json one = list[0];
      one[key] = fmt::format("{}{}", one[key].get<std::string>(), i);
      list.push_back(one);
    }
  };
  copy(document["plan"]["cases"], "part");
  for (Json& process : document["processes"])
    for (const char* list : {"checks", "kernels", "timings", "metrics"})
      if (process.contains(list)) copy(process[list], "case");
  return document.dump();
}

std::vector<Input> json_inputs(std::size_t bytes) {
  return {
      {"many keys",
       "{" + numbered(bytes, [](std::size_t i) { return fmt::format("\"k{}\":0,", i); }) +
           "\"z\":0}"},
      {"long key", "{\"" + std::string(bytes, 'k') + "\":0}"},
      {"many objects", "[" + repeated("{\"a\":0},", bytes) + "0]"},
      {"deep", std::string(bytes / 2, '[') + std::string(bytes / 2, ']')},
      {"long number", "[" + std::string(bytes, '9') + "]"},
      {"long string", "\"" + repeated("\\u00e9", bytes) + "\""},
      {"numbers", "[" + repeated("1e308,", bytes) + "0]"},
      {"objects of keys",
       "[" +
           repeated(
               "{" + numbered(20000, [](std::size_t i) { return fmt::format("\"k{}\":0,", i); }) +
                   "\"z\":0},",
               bytes) +
           "0]"}};
}

std::vector<Input> toml_inputs(std::size_t bytes) {
  return {
      {"many keys", numbered(bytes, [](std::size_t i) { return fmt::format("k{} = 0\n", i); })},
      {"many tables",
       numbered(bytes, [](std::size_t i) { return fmt::format("[t{}]\na = 0\n", i); })},
      {"array of tables", repeated("[[t]]\na = 0\n", bytes)},
      {"deep tables",
       numbered(bytes,
                [](std::size_t i) { return fmt::format("[a.b.c.d.e.f.g.h.i.j.k.l.m.n{}]\n", i); })},
      {"long key", std::string(bytes, 'k') + " = 0\n"},
      {"dotted key", repeated("k.", bytes) + "k = 0\n"},
      {"long string", "k = \"" + std::string(bytes, 's') + "\"\n"},
      {"long number", "k = " + std::string(bytes, '9') + "\n"},
      {"deep arrays", "k = " + std::string(bytes / 2, '[') + std::string(bytes / 2, ']') + "\n"},
      {"numbers", "k = [" + repeated("1e99,", bytes) + "0]\n"},
      {"comments", repeated("#\n", bytes)}};
}

void read_config(const std::string& text) {
  for (const auto& parse : std::vector<std::function<void()>>{
           [&] { (void)parse_policy(text, "a"); }, [&] { (void)parse_model(text, "a"); },
           [&] { (void)parse_gpu(text, "a"); }, [&] { (void)parse_metrics(text, "a"); }})
    try {
      parse();
    } catch (const UsageError&) {
    }
}

const RunRecord& small_run() {
  static const RunRecord run = run_of(small_plan(), {around(10), around(5)});
  return run;
}

void read_run(const std::string& text) {
  const RunRecord run = read_record(text, "a");
  const Report report = make_report(run, make_baseline(small_run()), strict_policy());
  for (const Format& format : formats) (void)format.render(report);
  (void)render_text(report, {Detail::all, Color::no, default_columns});
  (void)make_baseline(run);
}

void read_stored(const std::string& text) {
  const Baseline baseline = read_baseline(text, "a");
  (void)make_report(small_run(), baseline, strict_policy());
  (void)write_baseline(baseline);
}

void publish(const std::string& text) {
  const Report report = read_result(text, "a");
  for (const Format& format : formats) (void)format.render(report);
  (void)comment_text(report, default_post_name, {});
  (void)complete_check(pull_request_target(), 1, default_post_name, report, {});
  (void)annotation_commands(report);
  (void)step_outputs(report, {});
  (void)merge_results({report});
}

void read_event(const std::string& text) {
  (void)find_target({{"GITHUB_API_URL", "https://a"}, {"GITHUB_REPOSITORY", "a/b"}}, text, "a");
}

void read_answer(const std::string& text) {
  for (const int status : {200, 422}) {
    Api api(
        [&](const HttpRequest&) {
          return HttpAnswer{status, {{"link", text}}, text, Lost::no, ""};
        },
        {[] { return 0.0; }, [] { return 1e9; }, [](double) {}}, {},
        [](std::string said) { return said; });
    try {
      const ApiAnswer answer = api.call(list_comments(pull_request_target()));
      (void)own_comment(answer.json, default_post_name, workflow_author);
      (void)own_check(answer.json, default_post_name);
      (void)pull_request_in(answer.json, pull_request_target());
      (void)next_page(pull_request_target(), answer.link);
    } catch (const ApiError&) {
    }
  }
}

void hash(const std::string& image) {
  const FunctionHashes found = hash_functions(std::as_bytes(std::span(image)));
  FunctionHashes all = found;
  merge_functions(all, found);
}

void see_program(const std::string& text) {
  const Observation seen = read_observation(text, "a");
  ProgramSpec spec;
  spec.name = "app";
  const auto ranges = ranges_of(spec, {seen});
  (void)cases_of(ranges, 0);
  (void)timing_process(spec, ranges, {seen});
}

void name_things(const std::string& text) {
  try {
    const RangeFilter filter = parse_range_filter(text);
    (void)match_push_pop(filter, std::vector<OpenRange>{{"", text}});
  } catch (const UsageError&) {
  }
  const KernelFilter kernel = parse_kernel_filter(text);
  (void)matches(kernel, text, text);
  (void)range_templates(std::vector<std::string>{text, text + "1"});
}

void escape(const std::string& text) {
  (void)inert(text);
  (void)markup_text(text);
  (void)fenced(one_line(text), "t");
  (void)last_line(text);
  (void)glob_match("*a*b*c*", text);
}

/// Images whose sections are many, or share their code or their names.
std::vector<Input> cubins(std::size_t bytes) {
  MadeCubin many, code, names;
  for (std::size_t i = 0; i < bytes / 100; ++i) many.add(fmt::format(".text.f{}", i), "foobar");
  many.many_sections = true;
  code.add(".text.f", std::string(bytes / 2, 'f'));
  code.sections.resize(bytes / 130, code.sections[1]);
  names.add(".text." + std::string(bytes / 2, 'f'), "foobar");
  names.sections.resize(bytes / 130, names.sections[1]);
  return {{"many functions", many.image()},
          {"shared code", code.image()},
          {"shared names", names.image()}};
}

struct Parser {
  std::string name;
  std::function<void(const std::string&)> parse;
  std::vector<Input> inputs;
};

std::vector<Input> with(std::vector<Input> inputs, std::vector<Input> more) {
  inputs.insert(inputs.end(), more.begin(), more.end());
  return inputs;
}

std::vector<Parser> parsers(std::size_t bytes) {
  const std::string record = write_record(small_run(), RawSamples::keep);
  const std::string result = render_json(every_reason());
  const std::string baseline = write_baseline(make_baseline(small_run()));
  const std::string stored =
      baseline.substr(0, baseline.find("[cases.")) + numbered(bytes, [&](auto i) {
        return fmt::format("[cases.\"a/{}\"]\nduration_us.1 = [1.0, 2.0]\n", i);
      });
  return {
      {"config", read_config, toml_inputs(bytes)},
      {"record", read_run,
       with(json_inputs(bytes), {{"long name", replaced(record, "o_proj", std::string(bytes, 'n'))},
                                 {"many cases", with_cases(record, bytes)}})},
      {"baseline", read_stored, with(toml_inputs(bytes), {{"many cases", stored}})},
      {"result", publish,
       with(json_inputs(bytes),
            {{"many cases", render_json(many_cases(bytes / 400, bytes / 800))},
             {"long reason", replaced(result, "because of", repeated("##[`*<&", bytes))}})},
      {"event", read_event, json_inputs(bytes)},
      {"API answer", read_answer,
       with(json_inputs(bytes),
            {{"comments",
              "[" + repeated(R"({"id":1,"body":"b","user":{"login":"l"}},)", bytes) + "0]"},
             {"links", repeated("<https://api.github.com/x>; rel=\"last\", ", bytes)},
             {"open links", repeated("<", bytes)}})},
      {"cubin", hash, cubins(bytes)},
      {"per-process record", see_program, json_inputs(bytes)},
      {"filters and names",
       name_things,
       {{"letters", std::string(bytes, 'a')},
        {"ranges", repeated("a/", bytes)},
        {"expression", "regex:" + repeated("(a*)*", bytes)},
        {"brackets", repeated("a::b<", bytes)},
        {"stars", repeated("*a", bytes)}}},
      {"escapers",
       escape,
       {{"markup", repeated("<&>\"'|`*_@#$:", bytes)},
        {"invalid UTF-8", repeated("\xff\xe2\x80", bytes)},
        {"lines", repeated("\n", bytes)},
        {"letters", std::string(bytes, 'a')}}}};
}

struct Cost {
  double cpu_s = 0, memory_mb = 0;
};

/// Runs it in a process of its own, whose CPU time and memory the kernel counts.
Cost cost_of(const Parser& parser, const Input& input) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      parser.parse(input.text);
    } catch (const UsageError&) {
    } catch (const NoVerdict&) {
    }
    ::_exit(0);
  }
  int status = 0;
  struct rusage used {};
  ::wait4(child, &status, 0, &used);
  if (status != 0) fmt::print("{}, {}: ended with status {}\n", parser.name, input.name, status);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return {seconds(used.ru_utime) + seconds(used.ru_stime),
          static_cast<double>(used.ru_maxrss) / 1024};
}

}  // namespace

int main(int argc, char** argv) {
  const double megabytes = argc > 1 ? std::atof(argv[1]) : 1;
  fmt::print("{:20} {:16} {:>9} {:>7}\n", "parser", "input", "CPU s", "MB");
  for (const Parser& parser : parsers(static_cast<std::size_t>(megabytes * 1e6)))
    for (const Input& input : parser.inputs) {
      const Cost cost = cost_of(parser, input);
      fmt::print("{:20} {:16} {:9.2f} {:7.0f}\n", parser.name, input.name, cost.cpu_s,
                 cost.memory_mb);
    }
  return 0;
}
