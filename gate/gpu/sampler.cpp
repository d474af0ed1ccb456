// SPDX-License-Identifier: Apache-2.0
#include "gate/gpu/sampler.h"

#include <csignal>

namespace perfgate {

namespace {

/// A process list costs more than all other readings together, so it is asked for less often.
constexpr std::size_t readings_a_process_list = 10;
/// After this many readings the interval doubles: a long run must not fill the memory.
constexpr std::size_t readings_an_interval = 4096;

}  // namespace

Sampler::Sampler(const GpuReader& reader, std::chrono::milliseconds interval)
    : m_reader(reader), m_interval(interval) {
  // Signals are left to the main thread.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  m_thread = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::vector<GpuReading> Sampler::stop() {
  {
    const std::lock_guard lock(m_mutex);
    m_stopped = true;
  }
  m_wake.notify_all();
  if (m_thread.joinable()) m_thread.join();
  return std::move(m_readings);
}

void Sampler::run() {
  std::unique_lock lock(m_mutex);
  do {
    lock.unlock();
    const std::size_t count = m_readings.size();
    m_readings.push_back(m_reader.read(count % readings_a_process_list == 0 ? ReadProcesses::yes
                                                                            : ReadProcesses::no));
    if ((count + 1) % readings_an_interval == 0) m_interval *= 2;
    lock.lock();
  } while (!m_wake.wait_for(lock, m_interval, [this] { return m_stopped; }));
}

}  // namespace perfgate
