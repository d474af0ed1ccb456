// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/observation_writer.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <utility>

#include "kernels/program/own_thread.h"

namespace perfgate {
namespace {

constexpr std::size_t most_failures = 20;

std::string executable_name() {
  std::string path(4096, '\0');
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  path.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return path.substr(path.rfind('/') + 1);
}

std::string rank_of_environment() {
  for (const char* variable : {"RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID", "LOCAL_RANK"})
    if (const char* rank = std::getenv(variable)) return rank;
  return "";
}

/// Renamed when it is whole: the gate reads it as soon as it is there.
void write_whole(const std::string& file, const std::string& text) {
  {
    std::ofstream stream(file + ".part");
    stream << text;
  }
  std::rename((file + ".part").c_str(), file.c_str());
}

}  // namespace

ObservationWriter::ObservationWriter(std::string folder, WriterCalls calls)
    : m_folder(std::move(folder)), m_calls(std::move(calls)) {}

void ObservationWriter::mark(const char* what) const {
  std::ofstream(m_folder + "/" + std::to_string(getpid()) + "." + what) << executable_name();
}

void ObservationWriter::start() {
  const std::lock_guard lock(m_mutex);
  // Without a thread the observation is written at the exit.
  if (!m_started) m_started = start_own_thread([this] { run(); });
}

void ObservationWriter::seen_all() {
  const std::lock_guard lock(m_mutex);
  m_done = true;
  m_wake.notify_all();
}

void ObservationWriter::fail(std::string why) {
  {
    const std::lock_guard lock(m_mutex);
    if (m_failures.size() < most_failures) m_failures.push_back(std::move(why));
    m_done = true;
    m_wake.notify_all();
  }
  start();
}

void ObservationWriter::run() try {
  std::unique_lock lock(m_mutex);
  while (!m_done) {
    m_wake.wait_for(lock, std::chrono::seconds(1));
    lock.unlock();
    std::string why = m_calls.stuck();
    lock.lock();
    if (why.empty()) continue;
    m_failures.push_back(std::move(why));
    m_done = true;
  }
  const bool failed = !m_failures.empty();
  lock.unlock();
  m_calls.settle(failed);
  write(!failed, ".json");
} catch (...) {
  // Memory is short. Nothing is written, which the gate tells; the program goes on.
}

void ObservationWriter::finish() {
  {
    std::unique_lock lock(m_mutex);
    if ((m_written || (m_done && m_started)) && await_file(lock)) return;
  }
  m_calls.settle_at_exit();
  write(m_done, ".ended.json");
}

/// A short program is over before its observation is written, and its exit would end our thread.
/// Returns false when it still waits, such as for a capture that never ends.
bool ObservationWriter::await_file(std::unique_lock<std::mutex>& lock) {
  constexpr std::chrono::seconds longest{30};
  return m_wake.wait_for(lock, longest, [this] { return m_file_done; });
}

void ObservationWriter::write(bool complete, const char* kind) {
  Observation out;
  {
    std::unique_lock lock(m_mutex);
    if (std::exchange(m_written, true)) {
      await_file(lock);
      return;
    }
    out.failures = m_failures;
  }
  out.pid = getpid();
  out.program = executable_name();
  out.rank = rank_of_environment();
  out.complete = complete;
  try {
    m_calls.compose(out);
  } catch (const std::exception& error) {
    out.failures.emplace_back(error.what());
  }
  write_whole(m_folder + "/" + std::to_string(getpid()) + kind, write_observation(out));
  const std::lock_guard lock(m_mutex);
  m_file_done = true;
  m_wake.notify_all();
}

}  // namespace perfgate
