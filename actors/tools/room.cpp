// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/room.hpp"

namespace crm::tools {

result<void> require_room(tool_context& context, storage::resource what) {
  const auto tier = storage::tier_of(context.data);
  if (!tier)
    return tier.error();
  const auto limit = (*tier)->limit_of(what);
  if (!limit)
    return {};
  const auto used = storage::usage_of(context.data, what);
  if (!used)
    return used.error();
  if (*used < *limit)
    return {};
  const std::string name{storage::resource_names.at(static_cast<std::size_t>(what))};
  const std::string bound = std::to_string(*limit);
  return argument_error(error_code::limit_exceeded,
                        "the tier " + std::string{(*tier)->name} + " has room for " + bound + " "
                            + name + ", and there are " + std::to_string(*used)
                            + ": delete some, or ask the operator for a larger tier",
                        {"limits." + name, std::to_string(*used) + " in use",
                         "fewer than " + bound + " (tier " + std::string{(*tier)->name} + ")"});
}

} // namespace crm::tools
