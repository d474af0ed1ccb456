// SPDX-License-Identifier: Apache-2.0
// What the driver and NVTX call. CUDA_INJECTION64_PATH and NVTX_INJECTION64_PATH both name this
// library; a process may use CUDA, NVTX or both, in any order. Everything here answers 1: the
// program must run as if we were not there.
#include <nvtx3/nvToolsExt.h>
#include <nvtx3/nvToolsExtPayload.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>

#include "kernels/program/cupti_library.h"
#include "kernels/program/injection.h"
#include "kernels/program/launch_watch.h"
#include "kernels/program/nvtx_hooks.h"

#define PERFGATE_EXPORT __attribute__((visibility("default")))

namespace perfgate {
namespace {

std::atomic<Injection*> process_injection{nullptr};

/// A child has no working CUDA when its parent had initialised it. Where it had not, the child may
/// do so, and what its parent has called of NVTX stays hooked: it begins anew.
void in_forked_child() {
  after_fork();
  Injection* const inherited = process_injection.exchange(nullptr);
  if (inherited == nullptr) return;
  try {
    if (!inherited->is_attached())
      process_injection = new Injection(inherited->request());
    else
      std::ofstream(inherited->request().folder + "/" + std::to_string(getpid()) + ".forked") << "";
  } catch (const std::exception&) {
    // Memory is short: nothing of the child is measured.
  }
}

void at_exit() {
  if (Injection* const injection = process_injection.load()) injection->finish();
}

void open_injection() {
  const char* const file = std::getenv(program_request_variable);
  if (file == nullptr) return;
  std::ifstream stream(file);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  try {
    // It is never destroyed: CUPTI's thread and detached threads of the program outlive main.
    auto* const injection = new Injection(read_program_request(text, file));
    process_injection = injection;
    pthread_atfork(before_fork, after_fork, in_forked_child);
    std::atexit(at_exit);
  } catch (const std::exception& error) {
    std::ofstream(std::string(file) + ".error") << error.what();
  }
}

Injection* opened() {
  static std::once_flag once;
  std::call_once(once, open_injection);
  return process_injection;
}

std::uint8_t NVTX_API domain_is_enabled(nvtxDomainHandle_t) {
  return 1;
}

}  // namespace

Injection* Injection::instance() {
  return process_injection.load(std::memory_order_acquire);
}

}  // namespace perfgate

extern "C" PERFGATE_EXPORT int InitializeInjection() {
  using namespace perfgate;
  Injection* const injection = opened();
  if (injection == nullptr) return 1;
  const bool timing = injection->request().mode == ProgramMode::time;
  std::string why = open_cupti(timing ? CuptiFor::tracing : CuptiFor::counting);
  if (why.empty()) why = watch_launches(*injection);
  // Once more: where NVTX came first, CUDA's own handlers would run before ours, and CUPTI would
  // have nothing to tell any more.
  std::atexit(at_exit);
  try {
    if (why.empty()) injection->attached();
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (!why.empty()) injection->fail(why);
  return 1;
}

extern "C" PERFGATE_EXPORT int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_export_table) {
  using namespace perfgate;
  Injection* const injection = opened();
  if (injection != nullptr && hook_nvtx(get_export_table)) injection->nvtx_attached();
  return 1;
}

/// NVTX 3.2.0 and 3.2.1 switch a domain's ranges off unless a tool says that it is enabled.
extern "C" PERFGATE_EXPORT int InitializeInjectionNvtxExtension(nvtxExtModuleInfo_t* module) {
  using namespace perfgate;
  if (module == nullptr) return 1;
  for (std::size_t i = 0; i < module->segmentsCount; ++i) {
    nvtxExtModuleSegment_t& segment = module->segments[i];
    if (module->moduleId == NVTX_EXT_PAYLOAD_MODULEID &&
        segment.slotCount > NVTX3EXT_CBID_nvtxDomainIsEnabled)
      segment.functionSlots[NVTX3EXT_CBID_nvtxDomainIsEnabled] =
          reinterpret_cast<intptr_t>(domain_is_enabled);
  }
  return 1;
}
