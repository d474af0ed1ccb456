// SPDX-License-Identifier: Apache-2.0
#include "kernels/cupti/timeline.h"

#include <cupti_activity.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "gate/util/demangle.h"
#include "kernels/cupti/cupti_check.h"

namespace perfgate {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{8} << 20;  // 38 800 kernel records
constexpr std::size_t buffers_ready = 4;
constexpr std::size_t page_bytes = 4096;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using Buffer = std::unique_ptr<std::uint8_t, Free>;

struct FilledBuffer {
  Buffer data;
  std::size_t valid_bytes;
};

/// This is the only global state: CUPTI's two buffer callbacks carry no pointer of ours. CUPTI
/// calls them from its own thread too, even while the process exits, so the state is never
/// destroyed.
struct Exchange {
  std::mutex mutex;
  std::vector<Buffer> ready;  ///< kept for the next Timeline: mapping new ones takes longer
  std::vector<FilledBuffer> filled;
  bool recording = false;
};

Exchange& exchange() {
  static auto* const only = new Exchange;
  return *only;
}

/// Returns a zeroed buffer, as promised to CUPTI. Each page has been written, because otherwise the
/// system would map them one by one in the timed region. Null when memory is short (CUPTI then
/// counts dropped records).
Buffer new_buffer() {
  Buffer buffer(static_cast<std::uint8_t*>(std::calloc(1, buffer_bytes)));
  volatile std::uint8_t* const bytes = buffer.get();
  for (std::size_t at = 0; bytes != nullptr && at < buffer_bytes; at += page_bytes) bytes[at] = 0;
  return buffer;
}

void CUPTIAPI give_buffer(std::uint8_t** data, std::size_t* size,
                          std::size_t* most_records) noexcept {
  Buffer buffer;
  {
    const std::lock_guard lock(exchange().mutex);
    if (!exchange().ready.empty()) {
      buffer = std::move(exchange().ready.back());
      exchange().ready.pop_back();
    }
  }
  if (buffer == nullptr) buffer = new_buffer();
  *size = buffer != nullptr ? buffer_bytes : 0;
  *most_records = 0;  // as many as fit
  *data = buffer.release();
}

/// Keeps the buffer unread: parsing it here would disturb the host thread that is launching.
void CUPTIAPI take_buffer(CUcontext, std::uint32_t, std::uint8_t* data, std::size_t,
                          std::size_t valid_bytes) noexcept {
  Buffer buffer(data);
  const std::lock_guard lock(exchange().mutex);
  if (exchange().recording && buffer != nullptr)
    exchange().filled.push_back({std::move(buffer), valid_bytes});
}

void register_callbacks() {
  // Without this, CUPTI clears each buffer itself, in the thread that launches kernels.
  std::uint8_t zeroed = 1;
  std::size_t size = sizeof(zeroed);
  check(cuptiActivitySetAttribute(CUPTI_ACTIVITY_ATTR_ZEROED_OUT_ACTIVITY_BUFFER, &size, &zeroed),
        "cuptiActivitySetAttribute(ZEROED_OUT_ACTIVITY_BUFFER)");
  check(cuptiActivityRegisterCallbacks(give_buffer, take_buffer), "cuptiActivityRegisterCallbacks");
}

std::vector<CUpti_ActivityKind> kinds_of(TraceOf what) {
  switch (what) {
    case TraceOf::kernels:
      return {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL};
    case TraceOf::graphs:
      return {CUPTI_ACTIVITY_KIND_GRAPH_TRACE};
    case TraceOf::calls:
      break;
  }
  // Our own kernels are launched through the runtime, cuBLAS's through the driver.
  return {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_RUNTIME,
          CUPTI_ACTIVITY_KIND_DRIVER};
}

std::vector<FilledBuffer> end_recording() {
  const std::lock_guard lock(exchange().mutex);
  exchange().recording = false;
  return std::exchange(exchange().filled, {});
}

/// Zeroes the whole buffer again, because CUPTI does not say what it wrote behind the valid bytes.
void make_ready(Buffer buffer) {
  std::memset(buffer.get(), 0, buffer_bytes);
  const std::lock_guard lock(exchange().mutex);
  if (exchange().ready.size() < buffers_ready) exchange().ready.push_back(std::move(buffer));
}

/// Throws DeviceError for a record that is no measurement: CUPTI leaves 0 where it had no room for
/// a timestamp. `words` is called only then, because demangling the name of each kernel takes
/// longer than reading its record.
template <class Words>
void check_times(std::uint64_t start_ns, std::uint64_t end_ns, Words words) {
  if (start_ns != 0 && end_ns != 0 && end_ns >= start_ns) return;
  throw DeviceError("CUPTI has no valid times for " + words() + ": start " +
                    std::to_string(start_ns) + " ns, end " + std::to_string(end_ns) + " ns");
}

KernelRecord kernel_record(const CUpti_ActivityKernel10& from) {
  KernelRecord to;
  to.name = from.name != nullptr ? from.name : "(unnamed kernel)";
  to.start_ns = from.start;
  to.end_ns = from.end;
  to.grid = {from.gridX, from.gridY, from.gridZ};
  to.block = {from.blockX, from.blockY, from.blockZ};
  to.registers = from.registersPerThread;
  to.shared_bytes = std::int64_t{from.staticSharedMemory} + from.dynamicSharedMemory;
  to.correlation = from.correlationId;
  to.in_graph = from.graphNodeId != 0;
  to.stream = from.streamId;
  check_times(to.start_ns, to.end_ns, [&] { return "kernel " + demangle(to.name); });
  return to;
}

GraphRecord graph_record(const CUpti_ActivityGraphTrace2& from) {
  check_times(from.start, from.end, [&] { return "graph " + std::to_string(from.graphId); });
  return {from.start, from.end, from.graphId};
}

void read_records(const FilledBuffer& buffer, Trace& trace) {
  if (buffer.valid_bytes == 0) return;
  CUpti_Activity* record = nullptr;
  for (;;) {
    const CUptiResult status =
        cuptiActivityGetNextRecord(buffer.data.get(), buffer.valid_bytes, &record);
    if (status == CUPTI_ERROR_MAX_LIMIT_REACHED) return;  // the regular end
    if (status == CUPTI_ERROR_INVALID_KIND) {  // incomplete: this and later ones are lost
      ++trace.dropped;
      return;
    }
    check(status, "cuptiActivityGetNextRecord");
    if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
      trace.kernels.push_back(
          kernel_record(*reinterpret_cast<const CUpti_ActivityKernel10*>(record)));
    } else if (record->kind == CUPTI_ACTIVITY_KIND_GRAPH_TRACE) {
      trace.graphs.push_back(
          graph_record(*reinterpret_cast<const CUpti_ActivityGraphTrace2*>(record)));
    } else if (record->kind == CUPTI_ACTIVITY_KIND_RUNTIME ||
               record->kind == CUPTI_ACTIVITY_KIND_DRIVER) {
      const auto& call = *reinterpret_cast<const CUpti_ActivityAPI*>(record);
      // A call that has not returned yet has no end; it launched none of the kernels that are over.
      if (call.start != 0 && call.end >= call.start)
        trace.calls.push_back({call.start, call.end, call.correlationId});
    }
  }
}

template <class Record>
void sort_by_start(std::vector<Record>& records) {
  std::stable_sort(records.begin(), records.end(),
                   [](const Record& a, const Record& b) { return a.start_ns < b.start_ns; });
}

}  // namespace

Timeline::Timeline(TraceOf what) : m_what(what) {
  // This starts the driver, without which CUPTI says only CUPTI_ERROR_UNKNOWN.
  int devices = 0;
  check(cudaGetDeviceCount(&devices), "cudaGetDeviceCount");

  static std::once_flag registered;
  std::call_once(registered, register_callbacks);

  {
    const std::lock_guard lock(exchange().mutex);
    if (exchange().recording) throw std::logic_error("a Timeline is already recording");
    while (exchange().ready.size() < buffers_ready) exchange().ready.push_back(new_buffer());
    exchange().recording = true;
  }
  try {
    std::size_t earlier = 0;  // reading the count resets it: what was lost before is not ours
    check(cuptiActivityGetNumDroppedRecords(nullptr, 0, &earlier),
          "cuptiActivityGetNumDroppedRecords");
    for (const CUpti_ActivityKind kind : kinds_of(what))
      check(cuptiActivityEnable(kind), "cuptiActivityEnable");
  } catch (...) {
    end_recording();
    throw;
  }
}

Timeline::~Timeline() {
  if (!m_recording) return;
  // An exception passes: the records are thrown away, and so are further errors.
  for (const CUpti_ActivityKind kind : kinds_of(m_what)) cuptiActivityDisable(kind);
  cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
  end_recording();
}

Trace Timeline::stop() {
  if (!m_recording) throw std::logic_error("this Timeline was already stopped");
  // CUPTI flushes without waiting for the device: kernels that still run would have no end. The
  // first flush delivers what is complete, the forced one the buffers that are not yet full.
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  check(cuptiActivityFlushAll(0), "cuptiActivityFlushAll");
  check(cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED), "cuptiActivityFlushAll(FORCED)");
  for (const CUpti_ActivityKind kind : kinds_of(m_what))
    check(cuptiActivityDisable(kind), "cuptiActivityDisable");

  Trace trace;
  check(cuptiActivityGetNumDroppedRecords(nullptr, 0, &trace.dropped),
        "cuptiActivityGetNumDroppedRecords");
  m_recording = false;
  for (FilledBuffer& buffer : end_recording()) {
    read_records(buffer, trace);
    make_ready(std::move(buffer.data));
  }
  sort_by_start(trace.kernels);
  sort_by_start(trace.graphs);
  sort_by_start(trace.calls);
  return trace;
}

}  // namespace perfgate
