// SPDX-License-Identifier: Apache-2.0
// Brings a file's schema up to date: the numbered scripts of storage/sql, embedded at build time.
#pragma once

#include "storage/database.hpp"

#include <span>

namespace crm::storage {

/// One script; it leads from version `number - 1` to `number`.
struct migration {
  int number;
  const char* name;
  const char* sql;
};

/// The scripts of control.db.
extern const std::span<const migration> control_migrations;
/// The scripts of a workspace's file.
extern const std::span<const migration> shard_migrations;

/// Applies the scripts that the file lacks, each in one transaction with its version number.
/// @errors storage; conflict when the file was written by a newer program.
result<void> migrate(database& db, std::span<const migration> scripts);

} // namespace crm::storage
