// SPDX-License-Identifier: Apache-2.0
#include "gate/exchange/sqlite_file.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

}  // namespace

void SqliteFile::Close::operator()(sqlite3* database) const {
  sqlite3_close(database);
}

void SqliteRow::fail(int column, const char* wanted) const {
  throw UsageError(fmt::format("{}: {} is no {}", m_source,
                               printable(sqlite3_column_name(m_statement, column)), wanted));
}

std::optional<std::int64_t> SqliteRow::optional_integer(int column) const {
  const int type = sqlite3_column_type(m_statement, column);
  if (type == SQLITE_NULL) return std::nullopt;
  if (type != SQLITE_INTEGER) fail(column, "integer");
  return sqlite3_column_int64(m_statement, column);
}

std::int64_t SqliteRow::integer(int column) const {
  const auto value = optional_integer(column);
  if (!value) fail(column, "integer");
  return *value;
}

std::optional<std::string> SqliteRow::optional_text(int column) const {
  const int type = sqlite3_column_type(m_statement, column);
  if (type == SQLITE_NULL) return std::nullopt;
  if (type != SQLITE_TEXT) fail(column, "text");
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
  return valid_utf8({text, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))});
}

std::string SqliteRow::text(int column) const {
  const auto value = optional_text(column);
  if (!value) fail(column, "text");
  return *value;
}

void SqliteFile::fail(const std::string& why) const {
  throw UsageError(fmt::format("{}: {}", m_source, one_line(why)));
}

SqliteFile::SqliteFile(std::string_view bytes, std::string source) : m_source(std::move(source)) {
  constexpr std::string_view magic("SQLite format 3\0", 16);
  if (!bytes.starts_with(magic)) fail("no SQLite database");
  sqlite3* database = nullptr;
  const int opened =
      sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, nullptr);
  m_database.reset(database);
  if (opened != SQLITE_OK) fail("SQLite could not be started");
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // A read-only image is never written to.
  auto* const image = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  if (sqlite3_deserialize(database, "main", image, size, size, SQLITE_DESERIALIZE_READONLY) !=
      SQLITE_OK)
    fail(sqlite3_errmsg(database));
}

std::vector<std::string> SqliteFile::columns(std::string_view table) const {
  std::vector<std::string> names;
  each(fmt::format("SELECT name FROM pragma_table_info('{}')", table),
       [&](const SqliteRow& row) { names.push_back(row.text(0)); });
  return names;
}

void SqliteFile::each(const std::string& query,
                      const std::function<void(const SqliteRow&)>& row) const {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(m_database.get(), query.c_str(), -1, &prepared, nullptr) != SQLITE_OK)
    fail(sqlite3_errmsg(m_database.get()));
  const std::unique_ptr<sqlite3_stmt, Finalize> statement(prepared);
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(prepared)) == SQLITE_ROW) row(SqliteRow(prepared, m_source));
  if (step != SQLITE_DONE) fail(sqlite3_errmsg(m_database.get()));
}

}  // namespace perfgate
