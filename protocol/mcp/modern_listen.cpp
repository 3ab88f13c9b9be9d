// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/modern_listen.hpp"

#include "protocol/limits.hpp"
#include "protocol/mcp/results.hpp"

#include <utility>
#include <variant>

namespace crm::mcp {

namespace {

/// What of a subscription the server honours.
struct listen_filter {
  list_kinds lists;
  std::vector<std::string> uris;
  bool names_resources = false;
};

std::variant<listen_filter, rpc_error> read_filter(const registry& offer, const json& params,
                                                   const principal& caller) {
  const auto wanted = params.find("notifications");
  if (wanted == params.end() || !wanted->is_object())
    return invalid_params("Invalid params: notifications must be an object");
  for (const char* name : {"toolsListChanged", "promptsListChanged", "resourcesListChanged"})
    if (wanted->contains(name) && !(*wanted)[name].is_boolean())
      return invalid_params("Invalid params: notifications." + std::string{name}
                            + " must be a boolean");
  listen_filter filter;
  filter.lists.tools = offer.changing.tools && wanted->value("toolsListChanged", false);
  filter.lists.prompts = offer.changing.prompts && wanted->value("promptsListChanged", false);
  filter.lists.resources = offer.changing.resources && wanted->value("resourcesListChanged", false);
  const auto uris = wanted->find("resourceSubscriptions");
  if (uris == wanted->end())
    return filter;
  filter.names_resources = true;
  if (!uris->is_array())
    return invalid_params("Invalid params: notifications.resourceSubscriptions must be an array");
  for (const json& uri : *uris) {
    if (!uri.is_string() || !is_uri(uri.get_ref<const std::string&>()))
      return invalid_params("Invalid params: resourceSubscriptions holds something that is no URI");
    if (offer.may_watch(uri.get_ref<const std::string&>(), caller))
      filter.uris.push_back(uri.get<std::string>());
  }
  return filter;
}

json honoured(const listen_filter& filter) {
  json out = json::object();
  if (filter.lists.tools)
    out["toolsListChanged"] = true;
  if (filter.lists.prompts)
    out["promptsListChanged"] = true;
  if (filter.lists.resources)
    out["resourcesListChanged"] = true;
  if (filter.names_resources)
    out["resourceSubscriptions"] = filter.uris;
  return out;
}

json subscription_meta(const json& id) {
  return {{meta_subscription, id}};
}

std::function<void()> ending(const json& id, listen_end how, std::weak_ptr<exchange> way) {
  return [id, how, way = std::move(way)] {
    const auto way_back = way.lock();
    if (!way_back)
      return;
    if (how == listen_end::result)
      return way_back->answer({result_message(
          id, dump_json({{"resultType", "complete"}, {"_meta", subscription_meta(id)}}))});
    way_back->send(notification_message("notifications/cancelled",
                                        {{"requestId", id}, {"reason", "the server ended it"}}));
    way_back->cancel();
  };
}

} // namespace

void listen(const std::shared_ptr<service>& server, const rpc_request& request, const caller& from,
            listen_end how, const std::shared_ptr<exchange>& way_back) {
  auto read = read_filter(server->offer, request.params, from.who);
  if (const auto* bad = std::get_if<rpc_error>(&read))
    return way_back->answer(error_reply(request.id, *bad));
  const auto& filter = *std::get_if<listen_filter>(&read);
  auto tell = [id = request.id, way = std::weak_ptr{way_back}](const change& news) {
    json params{{"_meta", subscription_meta(id)}};
    if (!news.uri.empty())
      params["uri"] = news.uri;
    if (const auto open_way = way.lock())
      open_way->send(notification_message(news.method, params));
  };
  const auto ticket =
      server->subscriptions.open({from, std::move(tell), ending(request.id, how, way_back)});
  if (ticket == 0 || filter.uris.size() > limits::subscribed_resources_max) {
    server->subscriptions.close(ticket);
    return way_back->answer(error_reply(
        request.id, {rpc_code::internal_error, "too many subscriptions; end some and try again"}));
  }
  // The acknowledgement has to be the first message, so nothing is heard before it went out.
  way_back->send(notification_message(
      "notifications/subscriptions/acknowledged",
      {{"_meta", subscription_meta(request.id)}, {"notifications", honoured(filter)}}));
  server->subscriptions.hear(ticket, filter.lists);
  for (const std::string& uri : filter.uris)
    server->subscriptions.watch(ticket, uri);
  way_back->at_end([server, ticket] { server->subscriptions.close(ticket); });
}

} // namespace crm::mcp
