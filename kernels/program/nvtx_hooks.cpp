// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/nvtx_hooks.h"

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kernels/program/injection.h"

namespace perfgate {
namespace {

constexpr std::string_view unnamed = "(unnamed range)";

std::string narrow(const wchar_t* text) {
  std::string out;
  for (; text != nullptr && *text != L'\0'; ++text) {
    const auto c = static_cast<std::uint32_t>(*text);
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xc0 | c >> 6);
      put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      put(0xe0 | c >> 12);
      put(0x80 | (c >> 6 & 0x3f));
      put(0x80 | (c & 0x3f));
    } else {
      put(0xf0 | (c >> 18 & 0x07));
      put(0x80 | (c >> 12 & 0x3f));
      put(0x80 | (c >> 6 & 0x3f));
      put(0x80 | (c & 0x3f));
    }
  }
  return out;
}

/// Handles are numbers of ours: domains and registered strings, each with its text. They are never
/// forgotten, because a destroyed handle may still be used by another thread.
class Names {
 public:
  std::uintptr_t add(std::string text) {
    const std::lock_guard lock(m_mutex);
    m_names.emplace(++m_last, std::move(text));
    return m_last;
  }
  /// No thread of the program may hold it when the process forks: the child would wait forever.
  std::mutex& mutex() { return m_mutex; }
  std::string_view of(std::uintptr_t handle) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_names.find(handle);
    return found != m_names.end() ? std::string_view(found->second) : unnamed;
  }

 private:
  std::mutex m_mutex;
  std::uintptr_t m_last = 0;
  std::unordered_map<std::uintptr_t, std::string> m_names;
};

Names& domains() {
  static auto* const only = new Names;
  return *only;
}
Names& strings() {
  static auto* const only = new Names;
  return *only;
}

template <class Handle>
std::uintptr_t number(Handle handle) {
  return reinterpret_cast<std::uintptr_t>(handle);
}

std::string_view domain_name(nvtxDomainHandle_t domain) {
  return domain != nullptr ? domains().of(number(domain)) : std::string_view();
}

/// Calls use(name) with the message of these attributes.
template <class Use>
auto with_message(const nvtxEventAttributes_t* attributes, Use use) {
  if (attributes == nullptr) return use(unnamed);
  switch (attributes->messageType) {
    case NVTX_MESSAGE_TYPE_ASCII:
      return use(attributes->message.ascii != nullptr ? std::string_view(attributes->message.ascii)
                                                      : unnamed);
    case NVTX_MESSAGE_TYPE_UNICODE:
      return use(std::string_view(narrow(attributes->message.unicode)));
    case NVTX_MESSAGE_TYPE_REGISTERED:
      return use(strings().of(number(attributes->message.registered)));
    default:
      return use(unnamed);
  }
}

int push(nvtxDomainHandle_t domain, std::string_view name) {
  Injection* const injection = Injection::instance();
  if (injection == nullptr) return NVTX_NO_PUSH_POP_TRACKING;
  injection->push(number(domain), domain_name(domain), name);
  return static_cast<int>(injection->depth(number(domain))) - 1;
}

int pop(nvtxDomainHandle_t domain) {
  Injection* const injection = Injection::instance();
  if (injection == nullptr) return NVTX_NO_PUSH_POP_TRACKING;
  injection->pop(number(domain));
  return static_cast<int>(injection->depth(number(domain)));
}

nvtxRangeId_t start(nvtxDomainHandle_t domain, std::string_view name) {
  static std::atomic<nvtxRangeId_t> last{0};
  const nvtxRangeId_t id = ++last;
  if (Injection* const injection = Injection::instance())
    injection->start(id, domain_name(domain), name);
  return id;
}

void end(nvtxRangeId_t id) {
  if (Injection* const injection = Injection::instance()) injection->end(id);
}

int NVTX_API push_ascii(const char* name) {
  return push(nullptr, name != nullptr ? std::string_view(name) : unnamed);
}
int NVTX_API push_wide(const wchar_t* name) {
  return push(nullptr, narrow(name));
}
int NVTX_API push_attributes(const nvtxEventAttributes_t* attributes) {
  return with_message(attributes, [](std::string_view name) { return push(nullptr, name); });
}
int NVTX_API pop_default() {
  return pop(nullptr);
}
nvtxRangeId_t NVTX_API start_ascii(const char* name) {
  return start(nullptr, name != nullptr ? std::string_view(name) : unnamed);
}
nvtxRangeId_t NVTX_API start_wide(const wchar_t* name) {
  return start(nullptr, narrow(name));
}
nvtxRangeId_t NVTX_API start_attributes(const nvtxEventAttributes_t* attributes) {
  return with_message(attributes, [](std::string_view name) { return start(nullptr, name); });
}
void NVTX_API end_default(nvtxRangeId_t id) {
  end(id);
}

int NVTX_API domain_push(nvtxDomainHandle_t domain, const nvtxEventAttributes_t* attributes) {
  return with_message(attributes, [&](std::string_view name) { return push(domain, name); });
}
int NVTX_API domain_pop(nvtxDomainHandle_t domain) {
  return pop(domain);
}
nvtxRangeId_t NVTX_API domain_start(nvtxDomainHandle_t domain,
                                    const nvtxEventAttributes_t* attributes) {
  return with_message(attributes, [&](std::string_view name) { return start(domain, name); });
}
void NVTX_API domain_end(nvtxDomainHandle_t, nvtxRangeId_t id) {
  end(id);
}
nvtxDomainHandle_t NVTX_API create_domain(const char* name) {
  return reinterpret_cast<nvtxDomainHandle_t>(domains().add(name != nullptr ? name : ""));
}
nvtxDomainHandle_t NVTX_API create_domain_wide(const wchar_t* name) {
  return reinterpret_cast<nvtxDomainHandle_t>(domains().add(narrow(name)));
}
nvtxStringHandle_t NVTX_API register_string(nvtxDomainHandle_t, const char* text) {
  return reinterpret_cast<nvtxStringHandle_t>(strings().add(text != nullptr ? text : ""));
}
nvtxStringHandle_t NVTX_API register_string_wide(nvtxDomainHandle_t, const wchar_t* text) {
  return reinterpret_cast<nvtxStringHandle_t>(strings().add(narrow(text)));
}

/// One module's slots.
struct Table {
  NvtxFunctionTable functions = nullptr;
  unsigned size = 0;

  template <class Function>
  void set(unsigned id, Function* function) const {
    if (id < size && functions[id] != nullptr)
      *functions[id] = reinterpret_cast<NvtxFunctionPointer>(function);
  }
};

}  // namespace

void before_fork() {
  domains().mutex().lock();
  strings().mutex().lock();
}

void after_fork() {
  strings().mutex().unlock();
  domains().mutex().unlock();
}

bool hook_nvtx(NvtxGetExportTableFunc_t get_export_table) {
  const auto* callbacks =
      static_cast<const NvtxExportTableCallbacks*>(get_export_table(NVTX_ETID_CALLBACKS));
  Table core, domain;
  if (callbacks == nullptr ||
      callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &core.functions, &core.size) == 0)
    return false;
  core.set(NVTX_CBID_CORE_RangePushA, push_ascii);
  core.set(NVTX_CBID_CORE_RangePushW, push_wide);
  core.set(NVTX_CBID_CORE_RangePushEx, push_attributes);
  core.set(NVTX_CBID_CORE_RangePop, pop_default);
  core.set(NVTX_CBID_CORE_RangeStartA, start_ascii);
  core.set(NVTX_CBID_CORE_RangeStartW, start_wide);
  core.set(NVTX_CBID_CORE_RangeStartEx, start_attributes);
  core.set(NVTX_CBID_CORE_RangeEnd, end_default);
  if (callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE2, &domain.functions, &domain.size) !=
      0) {
    domain.set(NVTX_CBID_CORE2_DomainRangePushEx, domain_push);
    domain.set(NVTX_CBID_CORE2_DomainRangePop, domain_pop);
    domain.set(NVTX_CBID_CORE2_DomainRangeStartEx, domain_start);
    domain.set(NVTX_CBID_CORE2_DomainRangeEnd, domain_end);
    domain.set(NVTX_CBID_CORE2_DomainCreateA, create_domain);
    domain.set(NVTX_CBID_CORE2_DomainCreateW, create_domain_wide);
    domain.set(NVTX_CBID_CORE2_DomainRegisterStringA, register_string);
    domain.set(NVTX_CBID_CORE2_DomainRegisterStringW, register_string_wide);
  }
  return true;
}

}  // namespace perfgate
