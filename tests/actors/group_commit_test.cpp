// SPDX-License-Identifier: Apache-2.0
// Calls that share a commit: what they gain, and that none of them suffers for another.
#include "tests/support/disk_syncs.hpp"
#include "tests/support/file_size_bound.hpp"
#include "tests/support/many_calls.hpp"
#include "tests/support/sales_records.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <map>
#include <mutex>
#include <string>
#include <thread>

using crm::json;
using crm::test::disk_syncs;
using crm::test::file_size_bound;
using crm::test::many_calls;
using crm::test::need;
using crm::test::test_system;

namespace {

json contact(const std::string& name) {
  return {{"firstName", name}, {"lastName", "X"}, {"customFields", {{"n", name}}}};
}

/// Opens the workspace's file, which the stopped system left, and runs a script on it.
void alter(test_system& system, const char* sql) {
  system.stop();
  {
    auto db = need(crm::storage::database::open(system.folder() / "workspaces" / "default.db"));
    need(db.script(sql));
  }
  system.restart();
}

/// Remembers what each call was answered.
class answers {
public:
  many_calls::listener of(const std::string& name) {
    return [this, name](const crm::result<crm::tool_reply>& outcome) {
      const std::lock_guard lock{guard_};
      codes_[name] = outcome ? "" : std::string{crm::face_of(outcome.error().code).text};
    };
  }
  const std::map<std::string, std::string>& codes() const { return codes_; }

private:
  std::mutex guard_;
  std::map<std::string, std::string> codes_;
};

std::int64_t found(test_system& system, const std::string& name) {
  return system.call("list_contacts_by_custom_field", {{"fieldKey", "n"}, {"fieldValue", name}})
      .page()["total"];
}

} // namespace

TEST_CASE("creates that come together share commits, and each is there once") {
  test_system system;
  system.define_field("contact", "n", "text");
  system.define_field("contact", "blob", "text");
  many_calls calls{system.get(), 500};
  for (int i = 0; i < 2'000; ++i)
    calls.send("create_contact", contact(std::to_string(i)));
  calls.wait();
  CHECK(calls.failed() == 0);
  const auto count = system.get().counted();
  CHECK(count.committed_calls == 2 + 2'000);
  CHECK(count.commits * 2 < count.committed_calls);
  CHECK(system.call("list_contacts", json::object()).page()["total"] == 2'000);
  CHECK(crm::test::logged_changes(system) == 2 + 2'000);
}

TEST_CASE("with one call per commit there are as many commits as calls") {
  crm::actors::system_options options;
  options.commit_calls_max = 1;
  test_system system{options};
  system.define_field("contact", "n", "text");
  system.define_field("contact", "blob", "text");
  many_calls calls{system.get()};
  for (int i = 0; i < 50; ++i)
    calls.send("create_contact", contact(std::to_string(i)));
  calls.wait();
  CHECK(system.get().counted().commits == 2 + 50);
}

TEST_CASE("a call that fails half-way never touches another that shares its commit") {
  // The images are written last: by then the record and its row of the log stand in the file.
  // `abort` undoes the statement, `rollback` the whole transaction.
  for (const char* how : {"abort", "rollback"}) {
    CAPTURE(how);
    test_system system;
    system.define_field("contact", "n", "text");
    system.define_field("contact", "blob", "text");
    CHECK(system.call("create_contact", contact("first")).ok());
    const std::string trigger = "create trigger poison before insert on images"
                                " when instr(new.after, 'poison') begin select raise("
                                + std::string{how} + ", 'poisoned'); end";
    alter(system, trigger.c_str());
    answers heard;
    {
      many_calls calls{system.get()};
      for (int i = 0; i < 300; ++i) {
        const std::string name = (i % 10 == 3 ? "poison" : "good") + std::to_string(i);
        calls.send("create_contact", contact(name), heard.of(name));
      }
    }
    CHECK(heard.codes().size() == 300);
    CHECK(system.get().counted().replayed_batches > 0);
    for (const auto& [name, code] : heard.codes()) {
      CAPTURE(name);
      const bool good = name.starts_with("good");
      CHECK(code == (good ? "" : "CONVEX_ERROR"));
      CHECK(found(system, name) == (good ? 1 : 0));
    }
    CHECK(crm::test::logged_changes(system) == 2 + 1 + 270);
  }
}

TEST_CASE("a call that stumbles over a damaged record never touches another") {
  test_system system;
  system.define_field("contact", "n", "text");
  system.define_field("contact", "blob", "text");
  const std::string id = system.call("create_contact", contact("first")).data()["id"];
  alter(system, "update contacts set doc = 'no JSON'");
  answers heard;
  {
    many_calls calls{system.get()};
    for (int i = 0; i < 100; ++i) {
      const std::string name = std::to_string(i);
      if (i % 10 == 3)
        calls.send("update_contact", {{"contactId", id}, {"notes", "x"}}, heard.of(name));
      else
        calls.send("create_contact", contact(name), heard.of(name));
    }
  }
  for (const auto& [name, code] : heard.codes())
    CHECK(code == (name.back() == '3' ? "CONVEX_ERROR" : ""));
  CHECK(
      system.call("list_contacts_by_custom_field", {{"fieldKey", "n"}, {"fieldValue", "50"}}).ok());
}

TEST_CASE("on a full disk writes are refused, reads go on, and all is well when there is room") {
  test_system system;
  system.define_field("contact", "n", "text");
  system.define_field("contact", "blob", "text");
  CHECK(system.call("create_contact", contact("first")).ok());
  answers heard;
  {
    const file_size_bound bound{600'000};
    for (int i = 0; i < 40; ++i) {
      json args = contact("n" + std::to_string(i));
      args["customFields"]["blob"] = std::string(100'000, 'b');
      heard.of("n" + std::to_string(i))([&] {
        const auto given = system.call("create_contact", args);
        return given.ok() ? crm::result<crm::tool_reply>{crm::tool_reply{}}
                          : crm::result<crm::tool_reply>{
                              crm::error{crm::error_code::storage, given.code()}};
      }());
    }
    CHECK(found(system, "first") == 1);
  }
  std::int64_t acknowledged = 1;
  for (const auto& [name, code] : heard.codes()) {
    CAPTURE(name);
    acknowledged += code.empty() ? 1 : 0;
    CHECK(found(system, name) == (code.empty() ? 1 : 0));
  }
  CHECK(acknowledged < 40);
  CHECK(system.call("create_contact", contact("last")).ok());
  CHECK(crm::test::logged_changes(system) == 2 + acknowledged + 1);
}

TEST_CASE("while the disk is waited for, calls that wait are run, and none is answered") {
  test_system system;
  system.define_field("contact", "n", "text");
  disk_syncs disk;
  disk.hold();
  many_calls calls{system.get()};
  for (int i = 0; i < 400; ++i)
    calls.send("create_contact", contact(std::to_string(i)));
  disk.wait_until_held(1);
  while (system.get().counted().calls_in_flight < 400)
    std::this_thread::yield();
  // The workspace itself may wait for the first commit, which had no calls behind it.
  disk.release_one();
  while (system.get().counted().committed_calls < 1 + 400)
    std::this_thread::yield();
  disk.wait_until_held(1);
  CHECK(calls.succeeded() + calls.failed() <= 128);
  disk.release();
  calls.wait();
  CHECK(calls.succeeded() == 400);
  CHECK(crm::test::logged_changes(system) == 1 + 400);
}

TEST_CASE("whichever sync fails, what was acknowledged is there, and the workspace goes on") {
  for (int failing = 1; failing <= 6; ++failing) {
    CAPTURE(failing);
    test_system system;
    system.define_field("contact", "n", "text");
    answers heard;
    {
      disk_syncs disk;
      disk.fail_nth(failing);
      many_calls calls{system.get()};
      for (int i = 0; i < 300; ++i)
        calls.send("create_contact", contact(std::to_string(i)), heard.of(std::to_string(i)));
      calls.wait();
    }
    int refused = 0;
    for (const auto& [name, code] : heard.codes()) {
      CAPTURE(name);
      CHECK((code.empty() || code == "CONVEX_ERROR"));
      refused += code.empty() ? 0 : 1;
      CHECK(found(system, name) >= (code.empty() ? 1 : 0));
    }
    CHECK((failing > 1 || refused > 0));
    CHECK(system.call("create_contact", contact("last")).ok());
    system.stop();
    CHECK(crm::actors::verify_workspace(system.folder(), "default"));
  }
}

TEST_CASE("a workspace that is told to close answers first what waits for the disk") {
  test_system system;
  system.define_field("contact", "n", "text");
  disk_syncs disk;
  disk.hold();
  many_calls calls{system.get()};
  for (int i = 0; i < 200; ++i)
    calls.send("create_contact", contact(std::to_string(i)));
  disk.wait_until_held(1);
  std::thread releasing{[&] { disk.release(); }};
  system.stop();
  releasing.join();
  calls.wait();
  CHECK(calls.succeeded() == 200);
}
