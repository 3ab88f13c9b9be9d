// SPDX-License-Identifier: Apache-2.0
#include "actors/run_context.hpp"

namespace crm::actors {

namespace {

json output_of(const storage::step_row& row) {
  return row.output ? json::parse(*row.output, nullptr, false) : json(nullptr);
}

} // namespace

std::optional<step_place> run_journal::next(const std::vector<workflow::action>& actions) const {
  return walk(actions, {});
}

std::optional<step_place> run_journal::walk(const std::vector<workflow::action>& actions,
                                            const step_place& around) const {
  for (const workflow::action& each : actions) {
    step_place at = around;
    at.what = &each;
    at.name = std::to_string(each.order) + around.iterations;
    const storage::step_row* done = last_attempt(at.name);
    if (done == nullptr || !done->finished())
      return at;
    if (auto inner = walk_inner(each, at, *done))
      return inner;
  }
  return std::nullopt;
}

std::optional<step_place> run_journal::walk_inner(const workflow::action& each,
                                                  const step_place& at,
                                                  const storage::step_row& done) const {
  if (each.kind == workflow::action_kind::branch)
    return walk(output_of(done).value("taken", "") == "then" ? each.inner : each.otherwise, at);
  if (each.kind != workflow::action_kind::for_each)
    return std::nullopt;
  const json items = output_of(done).value("items", json::array());
  for (std::size_t i = 0; i < items.size(); ++i) {
    step_place iteration = at;
    iteration.iterations += "[" + std::to_string(i) + "]";
    iteration.item = items[i];
    iteration.index = static_cast<std::int64_t>(i);
    if (auto inner = walk(each.inner, iteration))
      return inner;
  }
  return std::nullopt;
}

const storage::step_row* run_journal::last_attempt(const std::string& step) const {
  for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
    if (row->step == step)
      return &*row;
  }
  return nullptr;
}

std::int64_t run_journal::began_at(const std::string& step, std::int64_t otherwise) const {
  for (const storage::step_row& row : rows_) {
    if (row.step == step)
      return row.started_at;
  }
  return otherwise;
}

void run_journal::add(storage::step_row row) {
  for (storage::step_row& known : rows_) {
    if (known.step == row.step && known.attempt == row.attempt) {
      known = std::move(row);
      return;
    }
  }
  rows_.push_back(std::move(row));
}

std::size_t run_journal::bytes() const {
  std::size_t sum = 0;
  for (const storage::step_row& row : rows_)
    sum += row.output ? row.output->size() : 0;
  return sum;
}

json run_journal::results_at(const step_place& place) const {
  json results = json::object();
  for (const storage::step_row& row : rows_) {
    const std::size_t bracket = std::min(row.step.find('['), row.step.size());
    if (!row.finished() || !place.iterations.starts_with(row.step.substr(bracket)))
      continue;
    json& result = results[row.step.substr(0, bracket)];
    result["data"] = output_of(row);
    if (row.error)
      result["error"] = json::parse(*row.error, nullptr, false);
  }
  return results;
}

} // namespace crm::actors
