// SPDX-License-Identifier: Apache-2.0
#include "protocol/input.hpp"

#include "protocol/limits.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

using crm::field;
using crm::json;

namespace {

constexpr std::array<std::string_view, 3> colours{"red", "green", "dark_blue"};

struct step {
  std::string type;
  std::optional<std::int64_t> order;

  static constexpr auto input =
      crm::fields(field{"type", &step::type}.length(1, 10), field{"order", &step::order}.range(0));
};

struct every_kind {
  std::string name;
  std::optional<std::string> colour;
  std::optional<std::string> email;
  std::optional<double> share;
  std::optional<std::int64_t> count;
  std::optional<bool> active;
  std::optional<crm::timestamp> due;
  std::optional<std::vector<std::string>> tags;
  std::optional<crm::json_object> extra;
  std::optional<json> anything;
  std::optional<step> first;
  std::optional<std::vector<step>> steps;
  crm::patch<std::string> notes;
  std::int64_t limit = 0;
  std::string mode;
  bool loud = false;

  static constexpr auto input = crm::fields(
      field{"name", &every_kind::name, "What it is called."}.length(1, 5).example(R"("Zoë")"),
      field{"colour", &every_kind::colour}.one_of(colours),
      field{"email", &every_kind::email}.format(crm::text_format::email),
      field{"share", &every_kind::share}.range(0, 100), field{"count", &every_kind::count}.range(1),
      field{"active", &every_kind::active}, field{"due", &every_kind::due},
      field{"tags", &every_kind::tags}.items(2), field{"extra", &every_kind::extra},
      field{"anything", &every_kind::anything}, field{"first", &every_kind::first},
      field{"steps", &every_kind::steps}.items(2), field{"notes", &every_kind::notes}.length(0, 3),
      field{"limit", &every_kind::limit}.range(1, 50).by_default(std::int64_t{20}),
      field{"mode", &every_kind::mode}.by_default(std::string_view{"slow"}),
      field{"loud", &every_kind::loud}.by_default(true));
};

const crm::input_schema& schema() {
  static const crm::input_schema fields = crm::schema_of<every_kind>();
  return fields;
}

std::vector<crm::error_detail> details_of(const json& args) {
  const auto checked = crm::check_input(schema(), args);
  if (checked)
    return {};
  CHECK(checked.error().code == crm::error_code::validation);
  CHECK(!checked.error().message.empty());
  CHECK(!checked.error().details.empty());
  return checked.error().details;
}

/// The arguments that are needed, and one more.
json with(std::string_view name, json value) {
  json args{{"name", "Zoë"}};
  args[std::string{name}] = std::move(value);
  return args;
}

struct value_row {
  std::string_view name;
  json value;
};

} // namespace

TEST_CASE("every kind of argument takes what its declaration says") {
  const value_row rows[] = {
      {"name", "a"},
      {"name", "漢字漢字漢"},
      {"name", "😀😀😀😀😀"},
      {"colour", "dark_blue"},
      {"email", "ada@example.com"},
      {"share", 0},
      {"share", 100},
      {"share", 33.3},
      {"count", 1},
      {"count", 2.0},
      {"count", std::numeric_limits<std::int64_t>::max()},
      {"active", false},
      {"due", 0},
      {"due", -1},
      {"due", 1'795'305'600'000},
      {"due", 1.7953056e12},
      {"due", 8'640'000'000'000'000},
      {"tags", json::array()},
      {"tags", {"a", ""}},
      {"extra", json::object()},
      {"extra", {{"deep", {{"er", {1, nullptr}}}}}},
      {"anything", false},
      {"anything", {1, "x"}},
      {"first", {{"type", "go"}}},
      {"first", {{"type", "go"}, {"order", 0}}},
      {"steps", json::array()},
      {"steps", json::array({{{"type", "a"}}, {{"type", "b"}, {"order", 7}}})},
      {"notes", nullptr},
      {"notes", ""},
      {"limit", 50},
      {"loud", false},
  };
  for (const value_row& row : rows) {
    CAPTURE(row.name);
    CAPTURE(row.value.dump());
    CHECK(details_of(with(row.name, row.value)).empty());
  }
}

TEST_CASE("every other value is refused with path, got and expected, and nothing is coerced") {
  const value_row rows[] = {
      {"name", ""},
      {"name", "sixsix"},
      {"name", "漢字漢字漢字"},
      {"name", 5},
      {"name", nullptr},
      {"name", {"a"}},
      {"colour", "Red"},
      {"colour", ""},
      {"colour", nullptr},
      {"colour", 1},
      {"email", "ada@"},
      {"email", ""},
      {"share", -0.001},
      {"share", 100.1},
      {"share", "50"},
      {"share", true},
      {"share", nullptr},
      {"count", 0},
      {"count", 1.5},
      {"count", "1"},
      {"count", std::numeric_limits<std::uint64_t>::max()},
      {"count", 1e300},
      {"active", 1},
      {"active", "true"},
      {"active", nullptr},
      {"due", 0.5},
      {"due", 9e15},
      {"due", "2026-11-22"},
      {"due", std::numeric_limits<std::uint64_t>::max()},
      {"due", nullptr},
      {"tags", "a"},
      {"tags", {"a", "b", "c"}},
      {"tags", {"a", 1}},
      {"tags", {nullptr}},
      {"tags", json::object()},
      {"extra", json::array()},
      {"extra", "{}"},
      {"extra", nullptr},
      {"anything", nullptr},
      {"first", "go"},
      {"first", json::array()},
      {"steps", json::object()},
      {"steps", json::array({{{"type", "a"}}, {{"type", "b"}}, {{"type", "c"}}})},
      {"notes", "four"},
      {"notes", 1},
      {"limit", 0},
      {"limit", 51},
      {"limit", 1.5},
      {"limit", "20"},
      {"limit", nullptr},
      {"loud", nullptr},
  };
  for (const value_row& row : rows) {
    CAPTURE(row.name);
    CAPTURE(row.value.dump());
    const auto details = details_of(with(row.name, row.value));
    REQUIRE(details.size() == 1);
    CHECK(details[0].path == row.name);
    CHECK(!details[0].expected.empty());
    CHECK(details[0].got == crm::brief_json(row.value));
  }
}

TEST_CASE("what is wrong inside an object or a list is named by its path") {
  const auto paths = [](const json& args) {
    std::vector<std::string> out;
    for (const crm::error_detail& detail : details_of(args))
      out.push_back(detail.path);
    return out;
  };
  using list = std::vector<std::string>;
  CHECK(paths(with("first", json::object())) == list{"first.type"});
  CHECK(paths(with("first", {{"type", ""}, {"order", -1}})) == list{"first.type", "first.order"});
  CHECK(paths(with("first", {{"type", "a"}, {"odrer", 1}})) == list{"first.odrer"});
  CHECK(paths(with("steps", {{{"type", "a"}}, {{"order", 0}}})) == list{"steps[1].type"});
  CHECK(paths(with("steps", {{{"type", "a"}}, 7})) == list{"steps[1]"});
  CHECK(paths(with("steps", {{{"type", 1}}, {{"type", nullptr}}}))
        == list{"steps[0].type", "steps[1].type"});
}

TEST_CASE("an unknown argument is refused, with the name that was probably meant") {
  const auto details = details_of(with("colur", "red"));
  REQUIRE(details.size() == 1);
  CHECK(details[0].path == "colur");
  CHECK(details[0].did_you_mean == "colour");
  CHECK(details[0].valid_options.size() == crm::limits::valid_options_max);
  CHECK(details_of(with("zzzzzz", 1)).at(0).did_you_mean == "");
  CHECK(details_of(with("", 1)).size() == 1);
  CHECK(details_of(with("Name", "x")).at(0).did_you_mean == "name");
  CHECK(details_of(with(std::string(10'000, 'n'), 1)).at(0).path.size() <= 100);
}

TEST_CASE("a wrong choice lists the valid ones, and names the nearest") {
  const auto details = details_of(with("colour", "darkblue"));
  REQUIRE(details.size() == 1);
  CHECK(details[0].did_you_mean == "dark_blue");
  CHECK(details[0].valid_options == std::vector<std::string>{"red", "green", "dark_blue"});
  CHECK(
      crm::arguments_error(details).message.find("; valid are red, green, dark_blue; did you mean")
      != std::string::npos);
}

TEST_CASE("every wrong argument is described, up to a bound") {
  CHECK(details_of(json::object()).size() == 1);
  CHECK(details_of({{"share", -1}, {"count", 0}, {"bogus", 1}}).size() == 4);
  json many{{"name", "a"}};
  for (int i = 0; i < 100; ++i)
    many["unknown" + std::to_string(i)] = i;
  CHECK(details_of(many).size() == crm::limits::error_details_max);
  for (const json& args : {json(nullptr), json::array(), json("x"), json(1)})
    CHECK(details_of(args).at(0).path == "args");
}

TEST_CASE("what was sent arrives in the struct, and what was left out has its default") {
  const json args = {{"name", "Zoë"},
                     {"share", 1},
                     {"count", 3.0},
                     {"active", true},
                     {"due", 1e3},
                     {"tags", {"a", "b"}},
                     {"extra", {{"k", nullptr}}},
                     {"anything", 1.5},
                     {"steps", json::array({{{"type", "go"}, {"order", 4}}})},
                     {"notes", nullptr}};
  REQUIRE(crm::check_input(schema(), args));
  const auto in = crm::read_input<every_kind>(args);
  CHECK(in.name == "Zoë");
  CHECK(in.share == 1.0);
  CHECK(in.count == 3);
  CHECK(in.active == true);
  CHECK(in.due == crm::timestamp{1000});
  CHECK(in.tags == std::vector<std::string>{"a", "b"});
  CHECK(in.extra->members == json{{"k", nullptr}});
  CHECK(in.anything == json(1.5));
  REQUIRE(in.steps->size() == 1);
  CHECK(in.steps->at(0).type == "go");
  CHECK(in.steps->at(0).order == 4);
  CHECK(in.limit == 20);
  CHECK(in.mode == "slow");
  CHECK(in.loud);
  CHECK(!in.colour);
  CHECK(!in.first);
}

TEST_CASE("an argument of an update is left out, cleared by null, or set") {
  const auto read = [](const json& args) {
    REQUIRE(crm::check_input(schema(), args));
    return crm::read_input<every_kind>(args).notes;
  };
  CHECK(!read({{"name", "a"}}).given);
  CHECK(read(with("notes", nullptr)).given);
  CHECK(!read(with("notes", nullptr)).value);
  CHECK(read(with("notes", "")).value == "");
}

TEST_CASE("what was given is written over a document, a cleared field as null") {
  json document{{"id", 1}, {"name", "old"}, {"notes", "old"}, {"colour", "red"}};
  const json args = {{"name", "new"}, {"notes", nullptr}, {"due", 5}, {"extra", {{"a", 1}}}};
  crm::write_members(document, crm::read_input<every_kind>(args));
  CHECK(document["name"] == "new");
  CHECK(document["notes"].is_null());
  CHECK(document["colour"] == "red");
  CHECK(document["due"] == 5);
  CHECK(document["extra"] == json{{"a", 1}});
  CHECK(!document.contains("share"));
  CHECK(document["limit"] == 20);
  CHECK(document.begin().key() == "id");
}

TEST_CASE("the JSON Schema is closed and says what the validation enforces") {
  const json out = crm::schema_json(schema());
  CHECK(out["type"] == "object");
  CHECK(out["additionalProperties"] == false);
  CHECK(out["required"] == json{"name"});
  const json& properties = out["properties"];
  CHECK(properties.size() == schema().size());
  CHECK(properties["name"]
        == json{{"type", "string"},
                {"description", "What it is called."},
                {"minLength", 1},
                {"maxLength", 5},
                {"examples", {"Zoë"}}});
  CHECK(properties["colour"]["enum"] == json{"red", "green", "dark_blue"});
  CHECK(properties["email"]["format"] == "email");
  CHECK(properties["share"] == json{{"type", "number"}, {"minimum", 0}, {"maximum", 100}});
  CHECK(properties["count"] == json{{"type", "integer"}, {"minimum", 1}});
  CHECK(properties["active"] == json{{"type", "boolean"}});
  CHECK(properties["due"]["type"] == "number");
  CHECK(properties["tags"]
        == json{{"type", "array"}, {"items", {{"type", "string"}}}, {"maxItems", 2}});
  CHECK(properties["extra"] == json{{"type", "object"}});
  CHECK(!properties["anything"].contains("type"));
  CHECK(properties["first"]["additionalProperties"] == false);
  CHECK(properties["first"]["required"] == json{"type"});
  CHECK(properties["steps"]["items"]["properties"]["order"]["minimum"] == 0);
  CHECK(properties["notes"]["type"] == json{"string", "null"});
  CHECK(properties["limit"]["default"] == 20);
  CHECK(properties["mode"]["default"] == "slow");
  CHECK(properties["loud"]["default"] == true);
}
