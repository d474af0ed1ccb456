// SPDX-License-Identifier: Apache-2.0
#include "kernels/cupti/chips.h"

#include <cupti_profiler_host.h>
#include <cupti_version.h>

#include <stdexcept>

#include "kernels/cupti/cupti_check.h"

namespace perfgate {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// CUPTI wants `const char**`; the strings must outlive the result.
std::vector<const char*> c_names(const std::vector<std::string>& names) {
  std::vector<const char*> pointers;
  for (const std::string& name : names) pointers.push_back(name.c_str());
  return pointers;
}

/// Returns null for a chip that this CUPTI does not know, or lists but can't count on (GV11B on
/// x86).
MetricHostHandle try_open(const std::string& chip, std::span<const std::uint8_t> availability) {
  auto params = cupti_params<CUpti_Profiler_Host_Initialize_Params>(
      CUpti_Profiler_Host_Initialize_Params_STRUCT_SIZE);
  params.profilerType = CUPTI_PROFILER_TYPE_RANGE_PROFILER;
  params.pChipName = chip.c_str();
  params.pCounterAvailabilityImage = availability.empty() ? nullptr : availability.data();
  const CUptiResult status = cuptiProfilerHostInitialize(&params);
  if (status == CUPTI_ERROR_INVALID_CHIP_NAME || status == CUPTI_ERROR_NOT_SUPPORTED) return {};
  check(status, "cuptiProfilerHostInitialize");
  return MetricHostHandle(params.pHostObject);
}

/// Returns false when CUPTI refuses the names. Names that it takes stay in `host`.
bool add_metrics(CUpti_Profiler_Host_Object* host, const std::vector<std::string>& counters) {
  std::vector<const char*> names = c_names(counters);
  auto params = cupti_params<CUpti_Profiler_Host_ConfigAddMetrics_Params>(
      CUpti_Profiler_Host_ConfigAddMetrics_Params_STRUCT_SIZE);
  params.pHostObject = host;
  params.ppMetricNames = names.data();
  params.numMetrics = names.size();
  const CUptiResult status = cuptiProfilerHostConfigAddMetrics(&params);
  // CUPTI documents INVALID_METRIC_NAME; CUPTI 13.0 answers every bad name with INVALID_PARAMETER.
  if (status == CUPTI_ERROR_INVALID_METRIC_NAME || status == CUPTI_ERROR_INVALID_PARAMETER) {
    return false;
  }
  check(status, "cuptiProfilerHostConfigAddMetrics");
  return true;
}

}  // namespace

int cupti_version() {
  return CUPTI_API_VERSION;
}

std::vector<std::string> supported_chips() {
  auto params = cupti_params<CUpti_Profiler_Host_GetSupportedChips_Params>(
      CUpti_Profiler_Host_GetSupportedChips_Params_STRUCT_SIZE);
  check(cuptiProfilerHostGetSupportedChips(&params), "cuptiProfilerHostGetSupportedChips");
  std::vector<std::string> chips(params.ppChipNames, params.ppChipNames + params.numChips);
  std::erase_if(chips, [](const std::string& chip) { return !try_open(chip, {}); });
  return chips;
}

MetricHost::MetricHost(const std::string& chip, std::span<const std::uint8_t> availability)
    : m_chip(chip), m_availability(availability.begin(), availability.end()), m_host(open()) {}

MetricHostHandle MetricHost::open() const {
  MetricHostHandle host = try_open(m_chip, m_availability);
  if (host != nullptr) return host;
  throw DeviceError("CUPTI has no counters for a chip named \"" + m_chip + "\"; it has for " +
                    joined(supported_chips()));
}

void CloseMetricHost::operator()(CUpti_Profiler_Host_Object* host) const {
  auto params = cupti_params<CUpti_Profiler_Host_Deinitialize_Params>(
      CUpti_Profiler_Host_Deinitialize_Params_STRUCT_SIZE);
  params.pHostObject = host;
  cuptiProfilerHostDeinitialize(&params);
}

bool MetricHost::exists(const std::string& counter) const {
  auto params = cupti_params<CUpti_Profiler_Host_GetMetricProperties_Params>(
      CUpti_Profiler_Host_GetMetricProperties_Params_STRUCT_SIZE);
  params.pHostObject = m_host.get();
  params.pMetricName = counter.c_str();
  const CUptiResult status = cuptiProfilerHostGetMetricProperties(&params);
  if (status == CUPTI_ERROR_INVALID_METRIC_NAME) return false;
  check(status, "cuptiProfilerHostGetMetricProperties");
  // A metric without its rollup has properties too, but can't be scheduled. Only a trial tells. It
  // needs a host object of its own, because a metric can't be taken back out of one.
  return add_metrics(open().get(), {counter});
}

int MetricHost::passes(const std::vector<std::string>& counters) const {
  std::vector<std::uint8_t> image = config_image(counters);
  auto params = cupti_params<CUpti_Profiler_Host_GetNumOfPasses_Params>(
      CUpti_Profiler_Host_GetNumOfPasses_Params_STRUCT_SIZE);
  params.configImageSize = image.size();
  params.pConfigImage = image.data();
  check(cuptiProfilerHostGetNumOfPasses(&params), "cuptiProfilerHostGetNumOfPasses");
  return static_cast<int>(params.numOfPasses);
}

std::vector<std::uint8_t> MetricHost::config_image(const std::vector<std::string>& counters) const {
  if (counters.empty()) throw std::invalid_argument("no counter to schedule");
  const MetricHostHandle host = open();
  if (!add_metrics(host.get(), counters)) {
    std::vector<std::string> absent;
    for (const std::string& counter : counters) {
      if (!exists(counter)) absent.push_back(counter);
    }
    throw DeviceError(absent.empty() ? m_chip + " can't count these together: " + joined(counters)
                                     : m_chip + " has no counter named " + joined(absent));
  }
  auto size = cupti_params<CUpti_Profiler_Host_GetConfigImageSize_Params>(
      CUpti_Profiler_Host_GetConfigImageSize_Params_STRUCT_SIZE);
  size.pHostObject = host.get();
  check(cuptiProfilerHostGetConfigImageSize(&size), "cuptiProfilerHostGetConfigImageSize");

  std::vector<std::uint8_t> image(size.configImageSize);
  auto params = cupti_params<CUpti_Profiler_Host_GetConfigImage_Params>(
      CUpti_Profiler_Host_GetConfigImage_Params_STRUCT_SIZE);
  params.pHostObject = host.get();
  params.configImageSize = image.size();
  params.pConfigImage = image.data();
  check(cuptiProfilerHostGetConfigImage(&params), "cuptiProfilerHostGetConfigImage");
  return image;
}

std::vector<double> MetricHost::evaluate(std::span<const std::uint8_t> counter_data,
                                         std::size_t range_index,
                                         const std::vector<std::string>& counters) const {
  std::vector<const char*> names = c_names(counters);
  std::vector<double> values(names.size());
  auto params = cupti_params<CUpti_Profiler_Host_EvaluateToGpuValues_Params>(
      CUpti_Profiler_Host_EvaluateToGpuValues_Params_STRUCT_SIZE);
  params.pHostObject = m_host.get();
  params.pCounterDataImage = counter_data.data();
  params.counterDataImageSize = counter_data.size();
  params.rangeIndex = range_index;
  params.ppMetricNames = names.data();
  params.numMetrics = names.size();
  params.pMetricValues = values.data();
  check(cuptiProfilerHostEvaluateToGpuValues(&params), "cuptiProfilerHostEvaluateToGpuValues");
  return values;
}

}  // namespace perfgate
