// SPDX-License-Identifier: Apache-2.0
#include "protocol/text_format.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using crm::matches;
using crm::text_format;
using namespace std::string_view_literals;

namespace {

void check_all(text_format form, bool wanted, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK(matches(form, text) == wanted);
  }
}

} // namespace

TEST_CASE("an e-mail address is local@domain.tld, in the forms that people use") {
  check_all(text_format::email, true,
            {"ada@example.com", "a@b.io", "first.last+tag@sub.example.co.uk", "o'hara@example.ie",
             "UPPER@EXAMPLE.COM", "jörg@müller.de", "x_y-z@a-b.org", "1@2.34"});
  check_all(text_format::email, false, {"",           "@",           "a@",
                                        "@b.io",      "a@b",         "a.io",
                                        "a b@c.io",   "a@b c.io",    " a@b.io",
                                        "a@b.io ",    "a@b..io",     "a@.io",
                                        "a@b.io.",    "a..b@c.io",   ".a@b.io",
                                        "a.@b.io",    "a@b@c.io",    "a@b.io\n",
                                        "a\0@b.io"sv, "<a@b.io>",    "a@b.io,c@d.io",
                                        "\"a\"@b.io", "a@[1.2.3.4]", "mailto:a@b.io",
                                        "a@b_c.io"});
  for (const std::size_t letters : {std::size_t{64}, std::size_t{65}}) {
    std::string address(letters, 'a');
    address += "@b.io";
    CHECK(matches(text_format::email, address) == (letters <= 64));
  }
  std::string long_host(300, 'b');
  long_host.insert(0, "a@").append(".io");
  CHECK(!matches(text_format::email, long_host));
}

TEST_CASE("a URL is absolute, http or https, with a host") {
  check_all(text_format::url, true,
            {"http://example.com", "https://example.com/", "HTTPS://Example.com/a?b=c#d",
             "https://example.com:8443/x", "https://user@example.com/", "https://example.com?x=1",
             "http://localhost:3001", "http://127.0.0.1/", "https://[::1]/", "https://[::1]:80/x",
             "https://münchen.de/ü", "https://www.linkedin.com/in/ada-lovelace/"});
  check_all(text_format::url, false,
            {"",
             "example.com",
             "www.example.com",
             "//example.com",
             "ftp://example.com",
             "javascript:alert(1)",
             "https:",
             "https://",
             "https:///path",
             "http://?x",
             "https://exa mple.com",
             "https://example.com/a b",
             "https://example.com/\n",
             " https://example.com",
             "https://example..com",
             "https://example.com:port/",
             "https://example.com:123456",
             "https://[]",
             "https://[::1",
             "https://[::1]x/",
             "https://[nonsense]/",
             "file:///etc/passwd"});
}

TEST_CASE("currency codes, field keys and object types are plain ASCII") {
  check_all(text_format::currency, true, {"EUR", "usd", "Gbp"});
  check_all(text_format::currency, false, {"", "EU", "EURO", "E1R", "€UR", "E R", "ÄÖ"});
  check_all(text_format::field_key, true, {"a", "tier", "tier_2", "a__"});
  check_all(text_format::field_key, false, {"", "2tier", "_a", "Tier", "a-b", "a b", "ä", "a.b"});
  check_all(text_format::object_type, true, {"a", "2nd", "_x", "project_9"});
  check_all(text_format::object_type, false, {"", "Project", "a-b", "a b", "ä"});
}

TEST_CASE("every form says what it takes, and the schema says the same") {
  for (const text_format form :
       {text_format::plain, text_format::email, text_format::url, text_format::currency,
        text_format::field_key, text_format::object_type})
    CHECK(!crm::describe(form).empty());
  CHECK(crm::schema_format(text_format::email) == "email");
  CHECK(crm::schema_format(text_format::url) == "uri");
  CHECK(crm::schema_pattern(text_format::field_key) == "^[a-z][a-z0-9_]*$");
}

TEST_CASE("what is compared is normal: case, padding, scheme and www do not count") {
  CHECK(crm::normal_email("  Ada@Example.COM\t") == "ada@example.com");
  CHECK(crm::normal_email("JÖRG@x.de") == "jÖrg@x.de");
  for (const std::string_view spelling :
       {"example.com", "EXAMPLE.com", " example.com ", "https://example.com",
        "http://www.example.com/", "www.example.com", "example.com.", "example.com:443",
        "https://www.Example.com/a?b#c"})
    CHECK(crm::normal_domain(spelling) == "example.com");
  CHECK(crm::normal_domain("") == "");
  CHECK(crm::phone_digits("+49 (0)30 / 12-34") == "490301234");
  CHECK(crm::phone_digits("none") == "");
}
