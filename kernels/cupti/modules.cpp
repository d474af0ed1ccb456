// SPDX-License-Identifier: Apache-2.0
#include "kernels/cupti/modules.h"

#include <cupti.h>

#include <mutex>
#include <span>

#include "kernels/cuda/cuda_check.h"
#include "kernels/cupti/cubin.h"

namespace perfgate {

/// What the callback writes to. CUPTI may call it from any thread that loads a module.
struct Modules::Listener {
  std::mutex mutex;
  FunctionHashes functions;
  CUpti_SubscriberHandle subscriber{};
  bool subscribed = false;

  static void CUPTIAPI on_callback(void* self, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                                   const void* data) noexcept;
};

/// Hashes the functions here, in the thread that loads, because the image is CUPTI's and is gone
/// afterwards.
void CUPTIAPI Modules::Listener::on_callback(void* self, CUpti_CallbackDomain domain,
                                             CUpti_CallbackId id, const void* data) noexcept {
  if (domain != CUPTI_CB_DOMAIN_RESOURCE || id != CUPTI_CBID_RESOURCE_MODULE_LOADED) return;
  const auto* const resource = static_cast<const CUpti_ResourceData*>(data);
  if (resource == nullptr || resource->resourceDescriptor == nullptr) return;
  const auto* const module =
      static_cast<const CUpti_ModuleResourceData*>(resource->resourceDescriptor);
  if (module->pCubin == nullptr) return;
  auto* const listener = static_cast<Listener*>(self);
  try {
    const FunctionHashes more =
        hash_functions(std::as_bytes(std::span(module->pCubin, module->cubinSize)));
    const std::lock_guard lock(listener->mutex);
    merge_functions(listener->functions, more);
  } catch (...) {
    // Memory is short. Nothing may be thrown through the driver, so the functions stay unknown.
  }
}

Modules::Modules() : m_listener(std::make_unique<Listener>()) {
  // This starts the driver, which CUPTI needs, but loads nothing yet.
  int devices = 0;
  check(cudaGetDeviceCount(&devices), "cudaGetDeviceCount");
  m_listener->subscribed = cuptiSubscribe(&m_listener->subscriber, Listener::on_callback,
                                          m_listener.get()) == CUPTI_SUCCESS;
  // Only one kind of callback is enabled: every other kind would cost the launching thread time.
  // When it is refused, CUPTI reports no module and no code is known, as without a subscription.
  if (m_listener->subscribed)
    cuptiEnableCallback(1, m_listener->subscriber, CUPTI_CB_DOMAIN_RESOURCE,
                        CUPTI_CBID_RESOURCE_MODULE_LOADED);
}

Modules::~Modules() {
  if (m_listener->subscribed) cuptiUnsubscribe(m_listener->subscriber);
}

std::string Modules::code(const std::string& mangled_name) const {
  const std::lock_guard lock(m_listener->mutex);
  return code_of(m_listener->functions, mangled_name);
}

}  // namespace perfgate
