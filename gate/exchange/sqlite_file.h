// SPDX-License-Identifier: Apache-2.0
// A SQLite database that lies in memory and is only read. It may come from anywhere, so its schema
// is not trusted, and each value is asked for by its type.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace perfgate {

/// A row of an answer; valid within the call that gets it.
class SqliteRow {
 public:
  SqliteRow(sqlite3_stmt* statement, const std::string& source)
      : m_statement(statement), m_source(source) {}
  /// Each throws UsageError where the column holds something else.
  std::int64_t integer(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::string text(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  [[noreturn]] void fail(int column, const char* wanted) const;
  sqlite3_stmt* m_statement;
  const std::string& m_source;
};

class SqliteFile {
 public:
  /// `bytes` must outlive it. Throws UsageError naming `source` for what is no database.
  SqliteFile(std::string_view bytes, std::string source);

  /// The columns of a table; none: there is no such table.
  std::vector<std::string> columns(std::string_view table) const;

  /// Calls `row` for each row of the answer. Throws UsageError for a database that is damaged.
  void each(const std::string& query, const std::function<void(const SqliteRow&)>& row) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  [[noreturn]] void fail(const std::string& why) const;
  std::string m_source;
  std::unique_ptr<sqlite3, Close> m_database;
};

}  // namespace perfgate
