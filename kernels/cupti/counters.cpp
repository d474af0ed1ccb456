// SPDX-License-Identifier: Apache-2.0
#include "kernels/cupti/counters.h"

#include <stdexcept>
#include <utility>

#include "kernels/cupti/cupti_check.h"
#include "kernels/cupti/profiler_session.h"
#include "kernels/cupti/range_profiler.h"

namespace perfgate {

Counters::Counters(std::vector<std::string> counters, Phases& phases)
    : m_counters(std::move(counters)),
      m_chip(profiler_session().chip),
      m_host(m_chip, profiler_session().availability),
      m_config(m_host.config_image(m_counters)),
      m_passes(m_host.passes(m_counters)),
      m_phases(&phases) {
  const RangeProfiler trial(profiler_session().context, CountWhat::kernels, m_counters, m_config,
                            1);
}

std::vector<std::vector<double>> Counters::collect(std::size_t kernels,
                                                   const std::function<void()>& prepare,
                                                   const std::function<void()>& profiled) {
  if (kernels == 0) throw std::invalid_argument("counters for no kernel at all");
  m_phases->enter("collection");
  RangeProfiler profiler(profiler_session().context, CountWhat::kernels, m_counters, m_config,
                         kernels);
  const int most_passes = 2 * m_passes + 2;  // a schedule that never ends must not hang the runner
  bool complete = false;
  for (int pass = 0; !complete; ++pass) {
    if (pass == most_passes) {
      throw DeviceError("cuptiRangeProfilerStop: not complete after " + std::to_string(pass) +
                        " passes, " + std::to_string(m_passes) + " were planned");
    }
    m_phases->enter("pass lead-in");
    prepare();
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    m_phases->enter("pass start");
    profiler.start();
    m_phases->enter("pass kernels");
    profiled();
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    m_phases->enter("pass stop");
    complete = profiler.stop();
  }

  m_phases->enter("decode");
  const std::vector<std::uint8_t>& counter_data = profiler.decode();
  m_phases->enter("evaluate");
  std::vector<std::vector<double>> values;
  for (const std::size_t range : ranges_in_launch_order(counter_data)) {
    values.push_back(m_host.evaluate(counter_data, range, m_counters));
  }
  if (values.size() != kernels) {
    throw DeviceError("the profiler saw " + std::to_string(values.size()) + " kernels, " +
                      std::to_string(kernels) + " were launched");
  }
  m_phases->enter("collection");  // disabling the profiler is a part of it
  return values;
}

}  // namespace perfgate
