// SPDX-License-Identifier: Apache-2.0
#include "protocol/text_format.hpp"

#include <algorithm>

namespace crm {

namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}
bool is_space_or_control(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space_or_control(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space_or_control(text.back()))
    text.remove_suffix(1);
  return text;
}

/// A host name of at least one dot-separated label; letters beyond ASCII pass (RFC 6531).
bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.back() == '.')
    return false;
  char before = '.';
  for (const char c : host) {
    const bool plain = is_letter(c) || is_digit(c) || c == '-' || (c & 0x80) != 0;
    if (!plain && c != '.')
      return false;
    if (c == '.' && before == '.')
      return false;
    before = c;
  }
  return true;
}

/// local@domain.tld: the forms that people use, not all that RFC 5321 allows (no quoted local part,
/// no address literal).
bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254)
    return false;
  const std::string_view local = text.substr(0, at);
  if (local.front() == '.' || local.back() == '.' || local.find("..") != local.npos)
    return false;
  const bool local_ok = std::none_of(local.begin(), local.end(), [](char c) {
    return is_space_or_control(c)
           || std::string_view{"\"(),:;<>@[\\]"}.find(c) != std::string::npos;
  });
  const std::string_view domain = text.substr(at + 1);
  return local_ok && domain.find('.') != domain.npos && is_host(domain);
}

/// What may follow a host: nothing, or a colon and at most five digits (RFC 3986, section 3.2.3).
bool is_port(std::string_view text) {
  return text.empty()
         || (text.front() == ':' && text.size() <= 6
             && std::all_of(text.begin() + 1, text.end(), is_digit));
}

/// An IPv6 address in brackets and a port.
bool is_bracketed_host(std::string_view authority) {
  const std::size_t end = authority.find(']');
  if (end == authority.npos || !is_port(authority.substr(end + 1)))
    return false;
  const std::string_view address = authority.substr(1, end - 1);
  return address.find(':') != address.npos
         && address.find_first_not_of("0123456789abcdefABCDEF:.") == address.npos;
}

bool is_url(std::string_view text) {
  const std::string head = lower(text.substr(0, 8));
  std::size_t from = 0;
  if (head.starts_with("https://"))
    from = 8;
  else if (head.starts_with("http://"))
    from = 7;
  else
    return false;
  if (text.size() > 2048 || std::any_of(text.begin(), text.end(), is_space_or_control))
    return false;
  const std::size_t end = std::min(text.find_first_of("/?#", from), text.size());
  std::string_view authority = text.substr(from, end - from);
  if (const auto at = authority.rfind('@'); at != authority.npos)
    authority.remove_prefix(at + 1);
  if (authority.starts_with('['))
    return is_bracketed_host(authority);
  const std::size_t colon = std::min(authority.find(':'), authority.size());
  return is_port(authority.substr(colon)) && is_host(authority.substr(0, colon));
}

bool is_object_type(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_lower(c) || is_digit(c) || c == '_';
  });
}

/// Three digits at least; at most the fifteen of E.164 and five of an extension.
bool is_phone(std::string_view text) {
  const auto digits = std::count_if(text.begin(), text.end(), is_digit);
  return digits >= 3 && digits <= 20 && text.size() <= 50
         && text.find_first_not_of("0123456789 +-./()#*,;extEXT") == text.npos;
}

} // namespace

bool matches(text_format form, std::string_view text) {
  switch (form) {
  case text_format::plain:
    return true;
  case text_format::email:
    return is_email(text);
  case text_format::url:
    return is_url(text);
  case text_format::currency:
    return text.size() == 3 && std::all_of(text.begin(), text.end(), is_letter);
  case text_format::field_key:
    return is_object_type(text) && is_lower(text.front());
  case text_format::object_type:
    return is_object_type(text);
  case text_format::phone:
    return is_phone(text);
  }
  return false;
}

std::string_view describe(text_format form) {
  switch (form) {
  case text_format::plain:
    return "a string";
  case text_format::email:
    return "an e-mail address such as ada@example.com";
  case text_format::url:
    return "an absolute http or https URL";
  case text_format::currency:
    return "a currency code of three letters such as EUR";
  case text_format::field_key:
    return "a key of a-z, 0-9 and _ that starts with a letter";
  case text_format::object_type:
    return "a name of a-z, 0-9 and _";
  case text_format::phone:
    return "a telephone number such as +49 30 1234567";
  }
  return "";
}

std::string_view schema_format(text_format form) {
  switch (form) {
  case text_format::email:
    return "email";
  case text_format::url:
    return "uri";
  default:
    return "";
  }
}

std::string_view schema_pattern(text_format form) {
  switch (form) {
  case text_format::currency:
    return "^[A-Za-z]{3}$";
  case text_format::field_key:
    return "^[a-z][a-z0-9_]*$";
  case text_format::object_type:
    return "^[a-z0-9_]+$";
  default:
    return "";
  }
}

std::string normal_email(std::string_view email) {
  return lower(trim(email));
}

std::string normal_domain(std::string_view domain) {
  std::string text = lower(trim(domain));
  if (const auto scheme = text.find("://"); scheme != text.npos)
    text.erase(0, scheme + 3);
  if (text.starts_with("www."))
    text.erase(0, 4);
  text.erase(std::min(text.find_first_of("/?#:"), text.size()));
  while (text.ends_with('.'))
    text.pop_back();
  return text;
}

std::string phone_digits(std::string_view phone) {
  std::string digits;
  std::copy_if(phone.begin(), phone.end(), std::back_inserter(digits), is_digit);
  return digits;
}

} // namespace crm
