// SPDX-License-Identifier: Apache-2.0
// All definitions of a workspace in memory, ready to check values: writing a record asks no table
// for them. The shard keeps them in step with the tables; nobody else changes them.
#pragma once

#include "protocol/custom_field.hpp"
#include "storage/database.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace crm::storage {

/// A custom object as its definition says.
struct object_definition {
  std::string type;
  std::vector<custom_field> fields;
};

/// The custom fields and custom objects of one workspace.
class definitions {
public:
  /// Replaces everything by what the tables say. @errors storage.
  result<void> load(database& db);

  /// Returns the custom fields of `contact`, `company`, `deal` or `activity`, oldest first.
  const std::vector<custom_field>& fields_of(std::string_view entity_type) const;

  /// Returns the field of that key, or null.
  const custom_field* field(std::string_view entity_type, std::string_view key) const;

  /// Returns the custom objects, oldest first.
  const std::vector<object_definition>& objects() const { return objects_; }

  /// Returns the custom object of that type, or null.
  const object_definition* object(std::string_view type) const;

  /// Returns whether any field is hidden from anyone.
  bool hides_values() const { return hides_values_; }

private:
  std::map<std::string, std::vector<custom_field>, std::less<>> fields_;
  std::vector<object_definition> objects_;
  bool hides_values_ = false;
};

/// Returns the field of that key, or null.
const custom_field* field_named(const std::vector<custom_field>& fields, std::string_view key);

} // namespace crm::storage
