// SPDX-License-Identifier: Apache-2.0
#include "gate/program/occurrence_timeline.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "gate/record/samples.h"

namespace perfgate {

namespace {

/// The code divides, because 1e9 is exact and 1e-9 is not: the record keeps the clock's digits.
double seconds(std::int64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

std::int64_t first_start(const Occurrence& occurrence) {
  return *std::min_element(occurrence.start_ns.begin(), occurrence.start_ns.end());
}

std::int64_t span_ns(const Occurrence& occurrence) {
  return *std::max_element(occurrence.end_ns.begin(), occurrence.end_ns.end()) -
         first_start(occurrence);
}

/// Of two middle ones it takes the shorter.
const Occurrence& of_median_span(std::span<const Occurrence* const> occurrences) {
  std::vector<const Occurrence*> order(occurrences.begin(), occurrences.end());
  const auto middle = order.begin() + (static_cast<std::ptrdiff_t>(order.size()) - 1) / 2;
  std::nth_element(
      order.begin(), middle, order.end(),
      [](const Occurrence* a, const Occurrence* b) { return span_ns(*a) < span_ns(*b); });
  return **middle;
}

/// Gives each different launch one index, whatever its stream.
class LaunchIndex {
 public:
  explicit LaunchIndex(const Observation& process) : m_process(process) {}
  std::size_t index_of(std::size_t launch) {
    const auto [at, fresh] = m_index.emplace(launch, 0);
    if (!fresh) return at->second;
    const KernelLaunch& wanted = m_process.launches[launch];
    const auto known = std::find(m_launches.begin(), m_launches.end(), wanted);
    at->second = static_cast<std::size_t>(known - m_launches.begin());
    if (known == m_launches.end()) m_launches.push_back(wanted);
    return at->second;
  }
  std::vector<KernelLaunch> take() { return std::move(m_launches); }

 private:
  const Observation& m_process;
  std::map<std::size_t, std::size_t> m_index;
  std::vector<KernelLaunch> m_launches;
};

std::vector<LaunchTimes> all_times(std::span<const Occurrence* const> occurrences,
                                   LaunchIndex& launches) {
  std::map<std::size_t, Samples> durations_s;
  for (const Occurrence* occurrence : occurrences)
    for (std::size_t k = 0; k < occurrence->launches.size(); ++k)
      durations_s[launches.index_of(occurrence->launches[k])].push_back(
          seconds(occurrence->end_ns[k] - occurrence->start_ns[k]));
  std::vector<LaunchTimes> out;
  for (const auto& [launch, durations] : durations_s) out.push_back(times_of(launch, durations));
  return out;
}

}  // namespace

StepTimeline typical_occurrence(const Observation& process,
                                std::span<const Occurrence* const> occurrences,
                                std::span<const std::string> parts, std::string_view whole) {
  StepTimeline out;
  LaunchIndex launches(process);
  out.all = all_times(occurrences, launches);
  out.steps = static_cast<int>(occurrences.size());
  const Occurrence& shown = of_median_span(occurrences);
  std::vector<std::size_t> order(shown.launches.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return shown.start_ns[a] < shown.start_ns[b];
  });
  if (order.size() > most_kernels_shown) {
    out.not_shown = static_cast<int>(order.size() - most_kernels_shown);
    order.resize(most_kernels_shown);
  }
  const std::int64_t zero_ns = first_start(shown);
  for (const std::size_t k : order) {
    KernelSpan span;
    span.part = out.parts.size();
    span.launch = launches.index_of(shown.launches[k]);
    span.start_s = seconds(shown.start_ns[k] - zero_ns);
    span.end_s = seconds(shown.end_ns[k] - zero_ns);
    if (const std::size_t launch = shown.launches[k];
        launch < process.streams.size() && process.streams[launch] >= 0)
      span.stream = process.streams[launch];
    out.kernels.push_back(span);
    out.parts.push_back(parts[k]);
  }
  out.launches = launches.take();
  out.whole = whole;
  return out;
}

}  // namespace perfgate
