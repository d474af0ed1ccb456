// SPDX-License-Identifier: Apache-2.0
// Writes what was seen in this process, once: in a thread of its own as soon as everything wanted
// was seen or something failed, else at the exit of the process. Whatever fails is a line in the
// observation: the program itself must never notice us.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "gate/program/observation.h"

namespace perfgate {

/// What the writer asks of the state that it writes, without a lock of its own held.
struct WriterCalls {
  std::function<std::string()> stuck;       ///< "" or why nothing more will come; asked each second
  std::function<void(bool failed)> settle;  ///< waits until what was launched has ended
  std::function<void()> settle_at_exit;     ///< the same, for no longer than an exit may take
  /// Everything that was seen. What it throws is told, beside what it has set until then.
  std::function<void(Observation&)> compose;
};

class ObservationWriter {
 public:
  /// `folder` is the request's.
  ObservationWriter(std::string folder, WriterCalls calls);

  /// Leaves an empty file PID.`what`: the process came so far.
  void mark(const char* what) const;

  void start();     ///< something wanted has begun: the thread waits for done() from now on
  void seen_all();  ///< everything that was wanted was seen
  void fail(std::string why);
  /// Nothing more is wanted: all was seen, or something failed.
  bool done() const { return m_done; }

  /// Writes the observation if that has not been done, or waits until it is. At the exit of the
  /// process.
  void finish();

 private:
  void run();
  /// As PID.json, or PID.ended.json where the process is ending by itself: the gate need not end
  /// it.
  void write(bool complete, const char* kind);
  bool await_file(std::unique_lock<std::mutex>& lock);

  std::string m_folder;
  WriterCalls m_calls;
  std::atomic<bool> m_done{false};
  std::mutex m_mutex;  ///< of what is below
  std::condition_variable m_wake;
  std::vector<std::string> m_failures;
  /// The thread was started; the observation is being written; the file is there.
  bool m_started = false, m_written = false, m_file_done = false;
};

}  // namespace perfgate
