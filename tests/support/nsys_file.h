// SPDX-License-Identifier: Apache-2.0
// Makes databases in the shape of nsys' SQLite export: the tables and columns are those of NVIDIA's
// schema reference (schema 3.24), the numbers are the test's own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct NsysKernel {
  std::string name;
  std::int64_t start = 0, end = 0;  ///< ns, on the GPU
  std::int64_t called = 0;          ///< ns, when the thread launched it
  int grid = 132;
  std::int64_t thread = 1;
  std::int64_t device = 0;
  bool graph = false;     ///< a whole graph, in the table of its own
  bool in_graph = false;  ///< a node of one
};

struct NsysRange {
  std::string name;
  std::int64_t start = 0, end = 0;
  std::int64_t thread = 1;
  bool registered = false;  ///< its name is in StringIds
};

struct NsysExport {
  std::vector<NsysKernel> kernels;
  std::vector<NsysRange> ranges;
  std::string schema = "3.24.14";  ///< "": no such row
  std::string gpu = "NVIDIA H200";
  std::vector<std::string> statements;  ///< SQL behind all of it
};

/// Returns the bytes of the database.
std::string nsys_database(const NsysExport& content);
