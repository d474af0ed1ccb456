// SPDX-License-Identifier: Apache-2.0
#include "gate/exchange/ncu_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "gate/exchange/csv.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct Scale {
  std::string_view unit;
  double factor;
};
/// Times are written in either way, by the version of ncu.
constexpr std::array<Scale, 8> times{{{"nsecond", 1},
                                      {"ns", 1},
                                      {"usecond", 1e3},
                                      {"us", 1e3},
                                      {"msecond", 1e6},
                                      {"ms", 1e6},
                                      {"second", 1e9},
                                      {"s", 1e9}}};
constexpr std::array<Scale, 5> prefixes{{{"", 1}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}}};
constexpr std::array<std::string_view, 14> plain_units{
    "",     "%",    "inst",     "cycle",  "block",   "thread",  "warp",
    "item", "node", "register", "sector", "request", "segment", "byte"};

std::optional<double> factor_in(const auto& table, std::string_view unit) {
  for (const Scale& scale : table)
    if (scale.unit == unit) return scale.factor;
  return std::nullopt;
}

bool is_plain(std::string_view unit) {
  return std::find(plain_units.begin(), plain_units.end(), unit) != plain_units.end();
}

std::optional<double> numerator(std::string_view unit) {
  if (is_plain(unit)) return 1;
  if (const auto time = factor_in(times, unit)) return time;
  for (const std::string_view base : {"byte", "hz"})
    if (unit.ends_with(base)) return factor_in(prefixes, unit.substr(0, unit.size() - base.size()));
  return std::nullopt;
}

/// Returns by how much a number in this unit is multiplied to be one in ncu's base unit; empty: the
/// unit is unknown. Bytes and cycles of a time are by the second.
std::optional<double> base_factor(std::string_view unit) {
  const std::size_t slash = unit.find('/');
  const auto top = numerator(unit.substr(0, slash));
  if (!top || slash == std::string_view::npos) return top;
  const std::string_view under = unit.substr(slash + 1);
  if (const auto time = factor_in(times, under)) return *top / (*time * 1e-9);
  return is_plain(under) ? top : std::nullopt;
}

/// Reads "1,234.5": a comma only parts thousands. Empty: it is no such number.
std::optional<double> number_of(std::string_view text) {
  std::string digits;
  const std::size_t point = std::min(text.find_first_of(".eE"), text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',') {
      digits += text[i];
      continue;
    }
    const bool parts_thousands = i > 0 && i < point && (point - i) % 4 == 0;
    if (!parts_thousands) return std::nullopt;
  }
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

/// Reads "(256, 1, 1)".
std::optional<std::array<int, 3>> extent_of(std::string_view text) {
  std::array<int, 3> extent{};
  std::size_t at = 0;
  for (int& value : extent) {
    at = text.find_first_of("0123456789", at);
    if (at == std::string_view::npos) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
    if (error != std::errc() || value < 1) return std::nullopt;
    at = static_cast<std::size_t>(end - text.data());
  }
  return extent;
}

class Reader {
 public:
  Reader(const ForeignFile& file, std::vector<std::vector<std::string>> records)
      : m_file(file), m_records(std::move(records)), m_header(m_records.front()) {}

  std::vector<NcuLaunch> read() {
    for (const char* column : {"ID", "Kernel Name", "Grid Size", "Block Size"})
      if (!column_of(column)) fail(fmt::format("no column '{}'", column));
    column_of("Metric Name") ? read_long() : read_wide();
    if (m_launches.empty()) fail("no launch in it: did the filter match any kernel?");
    return std::move(m_launches);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw UsageError(fmt::format("{}: {}", m_file.name, why));
  }

  std::optional<std::size_t> column_of(std::string_view name) const {
    const auto found = std::find(m_header.begin(), m_header.end(), name);
    if (found == m_header.end()) return std::nullopt;
    return static_cast<std::size_t>(found - m_header.begin());
  }

  const std::string& field(const std::vector<std::string>& record, std::string_view column) const {
    static const std::string none;
    const auto at = column_of(column);
    return at ? record[*at] : none;
  }

  void require_whole(const std::vector<std::string>& record) const {
    if (record.size() != m_header.size())
      fail(fmt::format("a row has {} fields, the header {}: the file was cut off or edited",
                       record.size(), m_header.size()));
  }

  /// Adds the columns of ncu's rules to a row of the details page: ncu ends it behind an empty
  /// "Rule Name" where no rule has anything to say.
  void complete(std::vector<std::string>& record) const {
    const auto rule = column_of("Rule Name");
    if (rule && record.size() == *rule + 1 && record.back().empty()) record.resize(m_header.size());
  }

  /// Returns the launch of a row, which rows of one ID share.
  NcuLaunch& launch_of(const std::vector<std::string>& record) {
    const std::string key = field(record, "ID") + '\n' + field(record, "Process ID");
    const auto [known, is_new] = m_index.emplace(key, m_launches.size());
    if (!is_new) return m_launches[known->second];
    NcuLaunch launch;
    launch.kernel = field(record, "Kernel Name");
    launch.compute_capability = field(record, "CC");
    const auto grid = extent_of(field(record, "Grid Size")),
               block = extent_of(field(record, "Block Size"));
    if (!grid || !block)
      fail(fmt::format("launch {}: '{}' and '{}' are no grid and block", field(record, "ID"),
                       printable(field(record, "Grid Size")),
                       printable(field(record, "Block Size"))));
    launch.grid = *grid;
    launch.block = *block;
    m_launches.push_back(std::move(launch));
    return m_launches.back();
  }

  void add(NcuLaunch& launch, const std::string& metric, const std::string& unit,
           const std::string& value) const {
    if (metric.empty() || value.empty() || value == "n/a" || value == "nan") return;
    const auto number = number_of(value);
    if (!number) {
      // On such a machine "117.344" is a hundred thousand, and looks like a hundred.
      if (value.find_first_not_of("0123456789.,-") == std::string::npos)
        fail(fmt::format("{}: '{}' has a decimal comma: run ncu with LC_ALL=C in the environment",
                         metric, printable(value)));
      launch.texts[metric] = value;
      return;
    }
    const auto factor = base_factor(unit);
    // A metric in a unit of its own is no harm, unless somebody asks for it.
    if (factor)
      launch.metrics[metric] = *number * *factor;
    else
      launch.texts[metric] = fmt::format("{} in the unknown unit '{}'", value, printable(unit));
  }

  void read_long() {
    if (!column_of("Metric Unit") || !column_of("Metric Value"))
      fail("no columns 'Metric Unit' and 'Metric Value' beside 'Metric Name'");
    for (std::size_t i = 1; i < m_records.size(); ++i) {
      complete(m_records[i]);
      require_whole(m_records[i]);
      add(launch_of(m_records[i]), field(m_records[i], "Metric Name"),
          field(m_records[i], "Metric Unit"), field(m_records[i], "Metric Value"));
    }
  }

  void read_wide() {
    if (m_records.size() < 2 || !field(m_records[1], "ID").empty())
      fail(
          "neither a column 'Metric Name' nor a second row with the units: export it with "
          "`ncu --csv` or `ncu --csv --page raw`");
    const std::vector<std::string>& units = m_records[1];
    require_whole(units);
    for (std::size_t i = 2; i < m_records.size(); ++i) {
      require_whole(m_records[i]);
      NcuLaunch& launch = launch_of(m_records[i]);
      for (std::size_t k = 0; k < m_header.size(); ++k)
        if (m_header[k].find("__") != std::string::npos)  // the others describe the launch
          add(launch, m_header[k], units[k], m_records[i][k]);
    }
  }

  const ForeignFile& m_file;
  std::vector<std::vector<std::string>> m_records;
  std::vector<std::string> m_header;
  std::vector<NcuLaunch> m_launches;
  std::map<std::string, std::size_t> m_index;
};

}  // namespace

std::vector<NcuLaunch> read_ncu_table(const ForeignFile& file) {
  // The program's own output and ncu's remarks ("==PROF== ...") may come first.
  std::size_t begin = file.text.starts_with("\"ID\",") ? 0 : file.text.find("\n\"ID\",");
  if (begin == std::string::npos)
    throw UsageError(
        fmt::format("{}: no line that begins with \"ID\": not what `ncu --csv` prints", file.name));
  auto records = parse_csv(std::string_view(file.text).substr(begin));
  if (!records)
    throw UsageError(fmt::format("{}: a quote is never closed: the file was cut off", file.name));
  // What the program prints at its end is no row: rows begin with a number, or are the units.
  std::erase_if(*records, [](const auto& record) { return record.front().starts_with("=="); });
  return Reader(file, std::move(*records)).read();
}

}  // namespace perfgate
