// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nsys_file.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <map>
#include <memory>
#include <stdexcept>

namespace {

constexpr const char* always_there = R"(
CREATE TABLE StringIds (id INTEGER NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE META_DATA_EXPORT (name TEXT NOT NULL, value TEXT);
INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_PRODUCT_NAME', 'NVIDIA Nsight Systems');
CREATE TABLE TARGET_INFO_GPU (vmId INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT,
  busLocation TEXT, isDiscrete INTEGER, l2CacheSize INTEGER, totalMemory INTEGER,
  memoryBandwidth INTEGER, clockRate INTEGER, smCount INTEGER, uuid TEXT, chipName TEXT,
  cuDevice INTEGER, computeMajor INTEGER, computeMinor INTEGER);
)";
constexpr const char* kernels_table = R"(
CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER NOT NULL, end INTEGER NOT NULL,
  deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, greenContextId INTEGER,
  streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER,
  demangledName INTEGER NOT NULL, shortName INTEGER NOT NULL, mangledName INTEGER,
  launchType INTEGER, cacheConfig INTEGER, registersPerThread INTEGER NOT NULL,
  gridX INTEGER NOT NULL, gridY INTEGER NOT NULL, gridZ INTEGER NOT NULL,
  blockX INTEGER NOT NULL, blockY INTEGER NOT NULL, blockZ INTEGER NOT NULL,
  staticSharedMemory INTEGER NOT NULL, dynamicSharedMemory INTEGER NOT NULL,
  localMemoryPerThread INTEGER NOT NULL, localMemoryTotal INTEGER NOT NULL,
  gridId INTEGER NOT NULL, sharedMemoryExecuted INTEGER, graphNodeId INTEGER,
  sharedMemoryLimitConfig INTEGER);
)";
constexpr const char* graphs_table = R"(
CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE (start INTEGER NOT NULL, end INTEGER NOT NULL,
  deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, greenContextId INTEGER,
  streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, graphId INTEGER NOT NULL,
  graphExecId INTEGER NOT NULL);
)";
constexpr const char* calls_table = R"(
CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER NOT NULL, end INTEGER NOT NULL,
  eventClass INTEGER NOT NULL, globalTid INTEGER, correlationId INTEGER, nameId INTEGER NOT NULL,
  returnValue INTEGER NOT NULL, callchainId INTEGER);
)";
constexpr const char* ranges_table = R"(
CREATE TABLE NVTX_EVENTS (start INTEGER NOT NULL, end INTEGER, eventType INTEGER NOT NULL,
  rangeId INTEGER, category INTEGER, color INTEGER, text TEXT, globalTid INTEGER,
  endGlobalTid INTEGER, textId INTEGER, domainId INTEGER, uint64Value INTEGER, int64Value INTEGER,
  doubleValue REAL, uint32Value INTEGER, int32Value INTEGER, floatValue REAL, jsonTextId INTEGER,
  jsonText TEXT);
)";

/// nsys' serialised ids: hardware, machine, process and thread in one number.
constexpr std::int64_t process_id = (std::int64_t{1} << 48) | (std::int64_t{4242} << 24);

class Writer {
 public:
  Writer() {
    if (sqlite3_open(":memory:", &m_database) != SQLITE_OK) throw std::runtime_error("no SQLite");
  }
  ~Writer() { sqlite3_close(m_database); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void run(const std::string& sql) {
    if (sqlite3_exec(m_database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(fmt::format("{}: {}", sqlite3_errmsg(m_database), sql));
  }

  int string_id(const std::string& text) {
    const auto [known, is_new] = m_strings.emplace(text, static_cast<int>(m_strings.size()) + 1);
    if (is_new) run(fmt::format("INSERT INTO StringIds VALUES ({}, '{}')", known->second, text));
    return known->second;
  }

  std::string bytes() {
    sqlite3_int64 size = 0;
    const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> image(
        sqlite3_serialize(m_database, "main", &size, 0), &sqlite3_free);
    return {reinterpret_cast<const char*>(image.get()), static_cast<std::size_t>(size)};
  }

 private:
  sqlite3* m_database = nullptr;
  std::map<std::string, int> m_strings;
};

/// Tables are made lazily, as nsys does.
void make_once(Writer& writer, bool& made, const char* table) {
  if (!made) writer.run(table);
  made = true;
}

}  // namespace

std::string nsys_database(const NsysExport& content) {
  Writer writer;
  writer.run(always_there);
  if (!content.schema.empty())
    writer.run(fmt::format("INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_SCHEMA_VERSION', '{}')",
                           content.schema));
  writer.run(
      fmt::format("INSERT INTO TARGET_INFO_GPU VALUES (0, 3, '{}', '0000:3b:00.0', 1, "
                  "62914560, 150754820096, 4800000000000, 1980000000, 132, "
                  "'01234567-89ab-cdef-0123-456789abcdef', 'GH100', 0, 9, 0)",
                  content.gpu));
  bool kernels = false, graphs = false, calls = false, ranges = false;
  int correlation = 100;
  for (const NsysKernel& kernel : content.kernels) {
    ++correlation;
    if (kernel.graph) {
      make_once(writer, graphs, graphs_table);
      writer.run(
          fmt::format("INSERT INTO CUPTI_ACTIVITY_KIND_GRAPH_TRACE VALUES ({}, {}, {}, 1, "
                      "NULL, 7, {}, {}, 1, 2)",
                      kernel.start, kernel.end, kernel.device, correlation, process_id));
    } else {
      make_once(writer, kernels, kernels_table);
      const int name = writer.string_id(kernel.name);
      writer.run(
          fmt::format("INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES ({}, {}, {}, 1, NULL, "
                      "7, {}, {}, {}, {}, NULL, NULL, NULL, 64, {}, 1, 1, 256, 1, 1, 1024, "
                      "0, 0, 0, 1, NULL, {}, NULL)",
                      kernel.start, kernel.end, kernel.device, correlation, process_id, name, name,
                      kernel.grid, kernel.in_graph ? "17" : "NULL"));
    }
    make_once(writer, calls, calls_table);
    writer.run(
        fmt::format("INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES ({}, {}, 0, {}, {}, {}, "
                    "0, NULL)",
                    kernel.called, kernel.called + 1000, process_id + kernel.thread, correlation,
                    writer.string_id("cudaLaunchKernel_v7000")));
  }
  for (const NsysRange& range : content.ranges) {
    make_once(writer, ranges, ranges_table);
    const std::string id = range.registered ? fmt::to_string(writer.string_id(range.name)) : "NULL";
    writer.run(fmt::format(
        "INSERT INTO NVTX_EVENTS (start, end, eventType, text, globalTid, textId, domainId) "
        "VALUES ({}, {}, 59, {}, {}, {}, 0)",
        range.start, range.end, range.registered ? "NULL" : "'" + range.name + "'",
        process_id + range.thread, id));
  }
  for (const std::string& statement : content.statements) writer.run(statement);
  return writer.bytes();
}
