// SPDX-License-Identifier: Apache-2.0
#include "protocol/completion.hpp"

#include "protocol/call.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using crm::completion;
using crm::result;

namespace {

/// What a caller was answered, in order.
using answers = std::vector<result<int>>;

completion<int> asking(answers& into) {
  return completion<int>{[&into](result<int> outcome) { into.push_back(std::move(outcome)); }};
}

} // namespace

TEST_CASE("a completion answers its caller exactly once") {
  answers got;
  {
    completion<int> done = asking(got);
    CHECK(static_cast<bool>(done));
    done(7);
    CHECK(!done);
    done(8);
  }
  REQUIRE(got.size() == 1);
  CHECK(*got[0] == 7);
}

TEST_CASE("a completion that is dropped answers OVERLOADED by itself") {
  answers got;
  { const completion<int> dropped = asking(got); }
  REQUIRE(got.size() == 1);
  REQUIRE(!got[0]);
  CHECK(got[0].error().code == crm::error_code::overloaded);
  CHECK(got[0].error().retry_after_ms);
  CHECK(crm::face_of(got[0].error().code).text == "OVERLOADED");
}

TEST_CASE("a completion that is moved answers once, from where it went") {
  answers got;
  {
    completion<int> first = asking(got);
    completion<int> second{std::move(first)};
    CHECK(!first);
    completion<int> third;
    third = std::move(second);
    CHECK(got.empty());
    third(3);
  }
  REQUIRE(got.size() == 1);
  CHECK(*got[0] == 3);
}

TEST_CASE("a completion that is overwritten answers its first caller") {
  answers first;
  answers second;
  completion<int> done = asking(first);
  done = asking(second);
  REQUIRE(first.size() == 1);
  CHECK(!first[0]);
  done(2);
  REQUIRE(second.size() == 1);
  CHECK(*second[0] == 2);
}

TEST_CASE("a completion tells when its caller has gone") {
  bool gone = false;
  completion<int> done{[](result<int>) {}, [&gone] { return gone; }};
  CHECK(!done.caller_gone());
  gone = true;
  CHECK(done.caller_gone());
  const completion<int> moved{std::move(done)};
  CHECK(moved.caller_gone());
  CHECK(!completion<int>{}.caller_gone());
}

TEST_CASE("the envelope says what happened, and what to do about it") {
  CHECK(crm::envelope_of(crm::tool_reply{R"({"id":"con_1"})"})
        == R"({"success":true,"data":{"id":"con_1"}})");
  CHECK(crm::envelope_of(crm::tool_reply{"[]", R"({"total":0})", R"([{"code":"X"}])"})
        == R"({"success":true,"data":[],"page":{"total":0},"warnings":[{"code":"X"}]})");
  const crm::json failed = crm::json::parse(crm::envelope_of(crm::error{
      crm::error_code::validation,
      "wrong",
      {{"email", "7", "an e-mail address", {"a", "b"}, "mail"}, {"x", "nothing", "a string"}},
      500}));
  CHECK(failed["success"] == false);
  const crm::json& error = failed["error"];
  CHECK(error["code"] == "ZOD_VALIDATION_ERROR");
  CHECK(error["message"] == "wrong");
  CHECK(error["retryable"] == false);
  CHECK(error["retryAfterMs"] == 500);
  CHECK(error["details"][0]
        == crm::json{{"path", "email"},
                     {"got", "7"},
                     {"expected", "an e-mail address"},
                     {"validOptions", {"a", "b"}},
                     {"didYouMean", "mail"}});
  CHECK(!error["details"][1].contains("didYouMean"));
}

TEST_CASE("every error code has its own face, with the code and status of the contract") {
  struct face_row {
    crm::error_code code;
    std::string_view text;
    int status;
  };
  const face_row rows[] = {
      {crm::error_code::unauthenticated, "UNAUTHENTICATED", 401},
      {crm::error_code::scope, "SCOPE_ERROR", 403},
      {crm::error_code::cross_workspace, "CROSS_WORKSPACE", 403},
      {crm::error_code::validation, "ZOD_VALIDATION_ERROR", 400},
      {crm::error_code::invalid_request, "INVALID_REQUEST", 400},
      {crm::error_code::tool_not_found, "TOOL_NOT_FOUND", 404},
      {crm::error_code::not_found, "NOT_FOUND", 404},
      {crm::error_code::conflict, "CONFLICT", 409},
      {crm::error_code::limit_exceeded, "LIMIT_EXCEEDED", 403},
      {crm::error_code::content_too_large, "CONTENT_TOO_LARGE", 413},
      {crm::error_code::rate_limited, "RATE_LIMITED", 429},
      {crm::error_code::overloaded, "OVERLOADED", 503},
      {crm::error_code::storage, "CONVEX_ERROR", 500},
      {crm::error_code::not_implemented, "NOT_IMPLEMENTED", 501},
  };
  for (const face_row& row : rows) {
    const crm::error_face& face = crm::face_of(row.code);
    CHECK(face.code == row.code);
    CHECK(face.text == row.text);
    CHECK(face.http_status == row.status);
  }
}
