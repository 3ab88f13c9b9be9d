// SPDX-License-Identifier: Apache-2.0
// A run read from its journal: which step comes next, and what its templates may see. Pure but for
// the reading; the journal alone says where a run stands.
#pragma once

#include "protocol/workflow_definition.hpp"
#include "storage/executions.hpp"
#include "storage/journal.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crm::actors {

/// A step within its iterations.
struct step_place {
  const workflow::action* what = nullptr;
  /// The action's order and its iterations, such as `3[0]`.
  std::string name;
  /// The iterations alone, such as `[0]`.
  std::string iterations;
  json item = nullptr;
  std::int64_t index = 0;
};

/// Where a run stands.
class run_journal {
public:
  explicit run_journal(std::vector<storage::step_row> rows) : rows_(std::move(rows)) {}

  /// Returns the first step, in the order of the definition, that is not finished; none at the end.
  std::optional<step_place> next(const std::vector<workflow::action>& actions) const;

  /// Returns the last attempt of a step, or null.
  const storage::step_row* last_attempt(const std::string& step) const;

  /// Returns when the first attempt of a step began, or `otherwise`.
  std::int64_t began_at(const std::string& step, std::int64_t otherwise) const;

  void add(storage::step_row row);
  std::size_t size() const { return rows_.size(); }
  std::size_t bytes() const;

  /// Returns what `{{steps.N…}}` means at a place: the results of the steps before it, those of its
  /// own iteration included.
  json results_at(const step_place& place) const;

private:
  std::optional<step_place> walk(const std::vector<workflow::action>& actions,
                                 const step_place& around) const;
  std::optional<step_place> walk_inner(const workflow::action& each, const step_place& at,
                                       const storage::step_row& done) const;

  std::vector<storage::step_row> rows_;
};

} // namespace crm::actors
