// SPDX-License-Identifier: Apache-2.0
#include "bench/contact_server.hpp"

#include "bench/tenants.hpp"

#include <nlohmann/json.hpp>

namespace crm::bench {

namespace {

/// Contacts of a workspace that the gets go round.
constexpr std::size_t contacts_read_max = 100;

load_plan plan_of(std::uint16_t port, std::size_t connections, int seconds) {
  load_plan plan;
  plan.port = port;
  plan.connections = connections;
  plan.duration = std::chrono::seconds{seconds};
  return plan;
}

contact_target target_of(const std::string& peer_line) {
  const auto told = nlohmann::json::parse(peer_line);
  return {told["port"].get<std::uint16_t>(), told["tokens"].get<std::vector<std::string>>()};
}

} // namespace

void contact_target::add_contacts(std::size_t per_workspace) {
  get_requests_.clear();
  for (std::size_t workspace = 0; workspace < tokens_.size(); ++workspace) {
    auto& requests = get_requests_.emplace_back();
    for (std::size_t n = 0; n < per_workspace; ++n) {
      const auto answer =
          nlohmann::json::parse(fetch(port_, create_request(workspace, std::to_string(n))));
      const std::string id = answer["data"]["id"];
      if (requests.size() < contacts_read_max)
        requests.push_back(
            call_request(tokens_[workspace], "get_contact", R"({"contactId":")" + id + R"("})"));
    }
  }
}

void contact_target::add_many(std::size_t workspace, std::size_t count) const {
  std::atomic<bool> done{false};
  load_plan plan = plan_of(port_, 128, 3'600);
  plan.stop = &done;
  std::size_t asked = 0;
  plan.request = [&](std::size_t, std::uint64_t) {
    done = asked >= count;
    return create_request(workspace, "many-" + std::to_string(asked++));
  };
  run_load(plan);
}

load_plan contact_target::creates(std::size_t connections, int seconds) const {
  load_plan plan = plan_of(port_, connections, seconds);
  plan.request = [this](std::size_t connection, std::uint64_t number) {
    return create_request((connection + number) % tokens_.size(),
                          std::to_string(connection) + "-" + std::to_string(number));
  };
  return plan;
}

load_plan contact_target::gets(std::size_t connections, int seconds) const {
  load_plan plan = plan_of(port_, connections, seconds);
  plan.request = [this](std::size_t connection, std::uint64_t number) {
    const auto& requests = get_requests_[(connection + number) % get_requests_.size()];
    return requests[number % requests.size()];
  };
  return plan;
}

load_plan contact_target::gets_of_others(std::size_t connections, int seconds) const {
  load_plan plan = plan_of(port_, connections, seconds);
  plan.request = [this](std::size_t connection, std::uint64_t number) {
    const auto& requests = get_requests_[1 + (connection + number) % (get_requests_.size() - 1)];
    return requests[number % requests.size()];
  };
  return plan;
}

load_plan contact_target::lists(std::size_t connections, int seconds) const {
  load_plan plan = plan_of(port_, connections, seconds);
  plan.request = [this](std::size_t connection, std::uint64_t number) {
    return call_request(tokens_[(connection + number) % tokens_.size()], "list_contacts",
                        R"({"limit":100})");
  };
  return plan;
}

load_plan contact_target::searches(std::size_t connections, int seconds) const {
  load_plan plan = plan_of(port_, connections, seconds);
  plan.request = [this](std::size_t connection, std::uint64_t number) {
    return call_request(tokens_[(connection + number) % tokens_.size()], "search_contacts",
                        R"({"query":"ada lovel"})");
  };
  return plan;
}

std::string contact_target::create_request(std::size_t workspace, const std::string& unique) const {
  return call_request(tokens_[workspace], "create_contact",
                      R"({"firstName":"Ada","lastName":"Lovelace )" + unique + R"(","email":"ada)"
                          + unique
                          + R"(@example.com","phone":"+44 20 7946 0000","tags":["vip","math"],)"
                            R"("notes":"Met at the fair; asked for an offer in spring."})");
}

load_plan plain_gets(std::uint16_t port, const std::string& path, std::size_t connections,
                     int seconds) {
  load_plan plan = plan_of(port, connections, seconds);
  plan.request = [request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"](
                     std::size_t, std::uint64_t) { return request; };
  return plan;
}

crm_server::crm_server(const settings& with, std::size_t workspaces,
                       const std::vector<std::string>& options)
    : tokens_(add_workspaces(folder_.path(), workspaces)),
      process_(with.program, folder_.path(), options), contacts_(process_.port(), tokens_) {}

node_peer::node_peer(const settings& with, std::size_t workspaces)
    : process_({"node", with.node_peer + "/server.mjs", folder_.path().string(),
                std::to_string(workspaces)},
               child_process::speaks_on::stdout_only, "{\"port\""),
      contacts_(target_of(process_.ready_line())) {}

} // namespace crm::bench
