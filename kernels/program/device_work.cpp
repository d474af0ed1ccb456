// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/device_work.h"

#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include "kernels/program/driver.h"
#include "kernels/program/own_thread.h"

namespace perfgate {

void DeviceWork::launches(CUcontext context) {
  const std::lock_guard lock(m_mutex);
  m_contexts.insert(context);
}

void DeviceWork::context_ends(CUcontext context) {
  const std::lock_guard lock(m_mutex);
  m_contexts.erase(context);
}

void DeviceWork::await_captures() const {
  while (captures()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void DeviceWork::wait() {
  std::set<CUcontext> contexts;
  {
    const std::lock_guard lock(m_mutex);
    contexts = m_contexts;
  }
  for (CUcontext const context : contexts) {
    set_context(context);
    synchronize_context();
  }
}

void DeviceWork::wait_at_exit() {
  constexpr std::chrono::seconds longest{5};
  const auto idle = std::make_shared<std::promise<void>>();
  const std::future<void> ended = idle->get_future();
  const bool started = start_own_thread([this, idle] {
    wait();
    idle->set_value();
  });
  if (started) ended.wait_for(longest);
}

}  // namespace perfgate
