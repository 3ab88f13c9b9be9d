// SPDX-License-Identifier: Apache-2.0
// Random calls that are valid in the state that the model is in: a fixed seed gives the same ones.
#pragma once

#include "tests/actors/oracle_model.hpp"

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace crm::test::oracle {

class caller {
public:
  caller(const model& state, std::uint64_t seed);

  /// Returns a call that is valid now. @pre something can be called: a create tool always can.
  call next(std::int64_t now_ms);

  /// Returns every tool that it may call.
  std::vector<std::string> tools() const;

  /// Returns whether the next `one_in`-th thing happens.
  bool happens(unsigned one_in) { return below(one_in) == 0; }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

private:
  /// The arguments of a call, or none when the tool has nothing to work on.
  using maker = std::function<std::optional<json>()>;
  struct offer {
    std::string tool;
    unsigned weight;
    maker make;
  };

  void offer_records();
  void offer_definitions();
  void offer_members();
  void offer_reads();
  void offer_workflows();

  // arguments
  json some_text();
  json some_tags();
  json some_period();
  json custom_values(const std::string& kind, bool update);
  std::optional<json> custom_value(const json& field);
  json contact_fields(bool update);
  json company_fields(bool update);
  json deal_fields(bool update);
  json activity_fields(bool update);
  void maybe(json& args, const std::string& name, json value, bool update);
  void maybe_reference(json& args, const std::string& name, const std::string& kind, bool update);
  std::string some_stage();
  std::string some_query();
  json paged(json args, unsigned limit_max);

  // what there is
  const entity* some(const std::string& kind, bool (*fits)(const entity&));
  const entity* some_live(const std::string& kind);
  std::optional<json> id_of(const std::string& kind, const std::string& argument, bool live);
  std::optional<json> with_version(const std::string& kind, const std::string& argument,
                                   json fields);
  std::optional<json> new_field();
  std::optional<json> changed_field();
  std::optional<json> new_object();
  std::optional<json> new_record();
  std::optional<json> changed_record();
  std::optional<json> set_value();
  std::optional<json> by_custom_field();
  std::optional<json> some_object();
  std::optional<json> new_member();
  std::optional<json> new_role();
  std::optional<json> removed_member();
  std::optional<json> new_permissions();
  std::optional<json> some_history();
  std::string some_actor();
  json some_actions();
  std::optional<json> changed_workflow();
  std::optional<json> some_workflow(bool active);
  std::optional<json> some_replay();

  template <class T>
  const T& one_of(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  const model& state_;
  std::mt19937_64 random_;
  std::int64_t now_ms_ = 0;
  std::vector<offer> offers_;
};

} // namespace crm::test::oracle
