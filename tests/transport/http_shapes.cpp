// SPDX-License-Identifier: Apache-2.0
#include "tests/transport/http_shapes.hpp"

#include "protocol/limits.hpp"

namespace crm::test {

namespace {

using shapes = std::vector<http_shape>;

std::string post(const std::string& headers, const std::string& body = {}) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

std::string get(const std::string& headers) {
  return "GET /hello HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

std::string get_target(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

std::string byte_name(int byte) {
  return "byte " + std::to_string(byte);
}

/// H12: what two servers in a row could cut at different places.
void add_length_shapes(shapes& all) {
  for (const char* length :
       {"3abc", "0x3", "+3", "-1",   "-0",    "",    " ",  "3 3", "3,3",  "3, 3", "3;",
        "3.0",  "1e1", "٣",  "3\t3", "\"3\"", "0b1", "_3", "3_",  "null", "NaN"})
    all.push_back({std::string{"Content-Length is "} + length,
                   post("Content-Length: " + std::string{length} + "\r\n", "abc"), 400});
  all.push_back({"two Content-Lengths that differ",
                 post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400});
  all.push_back({"two Content-Lengths that agree",
                 post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400});
  all.push_back({"Content-Length twice in different spelling",
                 post("Content-Length: 3\r\ncontent-length: 3\r\n", "abc"), 400});
  all.push_back({"Content-Length before Transfer-Encoding",
                 post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400});
  all.push_back({"Transfer-Encoding before Content-Length",
                 post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400});
  all.push_back({"Content-Length 0 with Transfer-Encoding",
                 post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "0\r\n\r\n"), 400});
  for (const char* method : {"POST", "PUT", "PATCH"})
    all.push_back({std::string{method} + " without a length",
                   std::string{method} + " /echo HTTP/1.1\r\nHost: a\r\n\r\n", 411});
}

void add_transfer_encoding_shapes(shapes& all) {
  for (const char* coding :
       {"xchunked", "gzip, chunked", "chunked, gzip", "chunked, chunked", "identity", "gzip",
        "chunked;q=1", "\"chunked\"", "chunked,", ",chunked", "chunke", "chunkedd", "", "deflate"})
    all.push_back({std::string{"Transfer-Encoding is "} + coding,
                   post("Transfer-Encoding: " + std::string{coding} + "\r\n", "0\r\n\r\n"), 501});
  all.push_back({"a space before the colon of Transfer-Encoding",
                 post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400});
  all.push_back({"a tab before the colon of Transfer-Encoding",
                 post("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"), 400});
  all.push_back({"a vertical tab ahead of chunked",
                 post("Transfer-Encoding: \x0b"
                      "chunked\r\n",
                      "0\r\n\r\n"),
                 400});
  all.push_back({"Transfer-Encoding twice",
                 post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                 400});
  all.push_back({"Transfer-Encoding in HTTP/1.0",
                 "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400});
}

void add_line_shapes(shapes& all) {
  all.push_back({"lines end with LF only", "GET /hello HTTP/1.1\nHost: a\n\n", 400});
  all.push_back({"the request line ends with LF", "GET /hello HTTP/1.1\nHost: a\r\n\r\n", 400});
  all.push_back({"a header ends with LF", get("A: b\nC: d\r\n"), 400});
  all.push_back({"the head ends with LF", "GET /hello HTTP/1.1\r\nHost: a\r\n\n", 400});
  all.push_back({"a bare CR in a value", get("A: b\rC: d\r\n"), 400});
  all.push_back({"CR CR LF", "GET /hello HTTP/1.1\r\r\nHost: a\r\n\r\n", 400});
  all.push_back({"a header continues with a space", get("A: b\r\n c\r\n"), 400});
  all.push_back({"a header continues with a tab", get("A: b\r\n\tc\r\n"), 400});
  all.push_back(
      {"the first header begins with a space", "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n", 400});
  all.push_back({"a continuation smuggles a length",
                 post("A: b\r\n Content-Length: 3\r\nContent-Length: 0\r\n"), 400});
  all.push_back({"a header without a colon", get("NoColonHere\r\n"), 400});
  all.push_back({"a header without a name", get(": value\r\n"), 400});
  all.push_back({"a header with a space in its name", get("A B: c\r\n"), 400});
  all.push_back({"a header with a space behind its name", get("A : c\r\n"), 400});
  all.push_back({"two empty lines ahead", "\r\n\r\n" + get(""), 400});
  all.push_back({"LF ahead", "\n" + get(""), 400});
  for (int byte = 0; byte < 0x20; ++byte)
    if (byte != '\t' && byte != '\n') // a LF would end the line
      all.push_back({byte_name(byte) + " in a header value",
                     get("A: b" + std::string(1, static_cast<char>(byte)) + "c\r\n"), 400});
  all.push_back({"DEL in a header value", get("A: b\x7f\r\n"), 400});
  for (const char separator : std::string_view{"(),/;<=>?@[\\]{}\" \t"})
    all.push_back({std::string{"a header name with "} + separator,
                   get(std::string{"A"} + separator + "B: c\r\n"), 400});
  for (const int byte : {0x00, 0x01, 0x1F, 0x7F, 0x80, 0xC3, 0xFF})
    all.push_back({byte_name(byte) + " in a header name",
                   get("A" + std::string(1, static_cast<char>(byte)) + "B: c\r\n"), 400});
}

void add_request_line_shapes(shapes& all) {
  const std::string tail = "\r\nHost: a\r\n\r\n";
  all.push_back({"two spaces behind the method", "GET  /hello HTTP/1.1" + tail, 400});
  all.push_back({"two spaces behind the target", "GET /hello  HTTP/1.1" + tail, 400});
  all.push_back({"a tab behind the method", "GET\t/hello HTTP/1.1" + tail, 400});
  all.push_back({"a space behind the version", "GET /hello HTTP/1.1 " + tail, 400});
  all.push_back({"a space ahead of the method", " GET /hello HTTP/1.1" + tail, 400});
  all.push_back({"four words", "GET /hello there HTTP/1.1" + tail, 400});
  all.push_back({"one word", "GET" + tail, 400});
  all.push_back({"no target", "GET HTTP/1.1" + tail, 400});
  for (const char* version : {"HTTP/1.1x", "HTTP/11", "HTTP/1,1", "http/1.1", "HTTP/1.", "HTTP/.1",
                              "HTTP/01.1", "HTTP/1.10", "HTTPS/1.1", "HTTP /1.1", "ICY/1.1", "1.1"})
    all.push_back(
        {std::string{"version "} + version, "GET /hello " + std::string{version} + tail, 400});
  for (const char* version :
       {"HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/3.0", "HTTP/0.0"})
    all.push_back(
        {std::string{"version "} + version, "GET /hello " + std::string{version} + tail, 505});
  all.push_back({"HTTP/0.9", "GET /hello\r\n", 505});
  all.push_back({"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505});
  for (const char* method : {"TRACE", "CONNECT", "PRI", "PROPFIND", "FOO", "get", "Get", "GETS",
                             "GE", "MKCOL", "LOCK", "SEARCH", "QUERY", "LINK", "M-SEARCH", "PURGE"})
    all.push_back(
        {std::string{"method "} + method, std::string{method} + " /hello HTTP/1.1" + tail, 501});
  all.push_back({"a method that is no token", "G@T /hello HTTP/1.1" + tail, 400});
  all.push_back({"a method with NUL", std::string{"G\0T", 3} + " /hello HTTP/1.1" + tail, 400});
  all.push_back(
      {"a TLS hello", std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11}, 400});
  all.push_back({"a proxy protocol header", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n" + get(""), 400});
  all.push_back(
      {"a binary proxy protocol header", std::string{"\r\n\r\n\0\r\nQUIT\n", 12} + get(""), 400});
}

void add_target_shapes(shapes& all) {
  for (const char* target : {"http://a/hello", "https://a/hello", "hello", "*", "a:80", "?q", "//",
                             "\\hello", "%2fhello", "#", "http:/hello"}) {
    const std::string text = target;
    all.push_back({"target " + text, get_target(text), text == "//" ? 404 : 400});
  }
  for (const char* path :
       {"/%", "/%2", "/%zz", "/%0", "/%00", "/hello%00", "/a%00b", "/%%", "/%u0041", "/hello%"})
    all.push_back({std::string{"path "} + path, get_target(path), 400});
  for (const int byte : {0x01, 0x09, 0x0B, 0x1F, 0x7F, 0x80, 0xC0, 0xFF})
    all.push_back({byte_name(byte) + " in a path",
                   get_target("/hel" + std::string(1, static_cast<char>(byte)) + "lo"), 400});
  all.push_back({"NUL in a path", get_target(std::string{"/hel\0lo", 7}), 400});
  all.push_back({"a fragment", get_target("/hello#a"), 400});
  all.push_back({"a control character in a query", get_target("/hello?a\x01"), 400});
}

void add_host_shapes(shapes& all) {
  const std::string line = "GET /hello HTTP/1.1\r\n";
  all.push_back({"no Host", line + "\r\n", 400});
  all.push_back({"Host twice", line + "Host: a\r\nHost: a\r\n\r\n", 400});
  all.push_back({"two Hosts", line + "Host: a\r\nHost: b\r\n\r\n", 400});
  for (const char* host :
       {"",     " ",   "a b",   "a/b",    "user@a", "a:port", "a:80:80",  "a:123456",
        "[::1", "[]",  "[g h]", "a\\b",   "a<b",    "a,b c",  "http://a", "a?b",
        "a#b",  ":80", "\"a\"", "[::1]x", "a|b",    "{a}"})
    all.push_back({std::string{"Host is "} + host, line + "Host: " + host + "\r\n\r\n", 400});
}

/// H13, H11, H23, H25.
void add_header_shapes(shapes& all) {
  for (const char* method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    const std::string line = std::string{method} + " /hello HTTP/1.1\r\nHost: a\r\n";
    all.push_back({std::string{method} + " with a body",
                   line + "Content-Length: 27\r\n\r\nGET /hello HTTP/1.1\r\n\r\n", 400});
    all.push_back({std::string{method} + " with a chunked body",
                   line + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400});
  }
  for (const char* coding : {"gzip", "br", "deflate", "zstd", "gzip, gzip", "x", "", "compress"})
    all.push_back(
        {std::string{"Content-Encoding is "} + coding,
         post("Content-Encoding: " + std::string{coding} + "\r\nContent-Length: 3\r\n", "abc"),
         415});
  for (const char* expectation : {"200-ok", "100-continue, x", "", "100", "continue"})
    all.push_back({std::string{"Expect is "} + expectation,
                   post("Expect: " + std::string{expectation} + "\r\nContent-Length: 3\r\n", "abc"),
                   417});
  for (const char* name : {"REMOTE_ADDR", "Remote-Addr", "remote_addr", "REMOTE_PORT", "LOCAL_ADDR",
                           "Local-Port", "local_port", "REMOTE-ADDR"})
    all.push_back(
        {std::string{"a header called "} + name, get(std::string{name} + ": 10.0.0.1\r\n"), 400});
  for (const char* name : {"Authorization", "Content-Type", "Origin", "Expect", "Host"})
    all.push_back({std::string{name} + " twice",
                   post("Content-Length: 0\r\n" + std::string{name} + ": 100-continue\r\n"
                        + std::string{name} + ": 100-continue\r\n"),
                   400});
}

/// H15, H16.
void add_chunk_shapes(shapes& all) {
  for (const char* size : {"-2", "-1", "+3", "0x3", "3zz;x", " 3", "3 ", "", "g", "3\t", "3,",
                           "\"3\"", "3 ;x", "٣", ";x", "3.0", "1e", "0X3"}) {
    const std::string text = size;
    if (text != "1e")
      all.push_back({"chunk size " + text, chunked(text + "\r\nabc\r\n0\r\n\r\n"), 400});
  }
  for (const char* size : {"FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFFF", "7FFFFFFFFFFFFFFF", "100001",
                           "80000000", "100000000", "FFFFFFFE", "00000000000000000000100001"})
    all.push_back({std::string{"chunk size "} + size,
                   chunked(std::string{size} + "\r\nabc\r\n0\r\n\r\n"), 413});
  all.push_back({"no CRLF behind a chunk", chunked("3\r\nabc0\r\n\r\n"), 400});
  all.push_back({"LF behind a chunk", chunked("3\r\nabc\n0\r\n\r\n"), 400});
  all.push_back({"CR and another byte behind a chunk", chunked("3\r\nabc\rx0\r\n\r\n"), 400});
  all.push_back({"a chunk longer than it says", chunked("3\r\nabcd\r\n0\r\n\r\n"), 400});
  all.push_back({"LF behind a chunk's size", chunked("3\nabc\r\n0\r\n\r\n"), 400});
  all.push_back({"a bare CR in a chunk's extension", chunked("3;a\rb\r\nabc\r\n0\r\n\r\n"), 400});
  all.push_back(
      {"NUL in a chunk's extension", chunked(std::string{"3;a\0b\r\nabc\r\n0\r\n\r\n", 18}), 400});
  all.push_back({"an endless chunk extension", chunked("3;" + std::string(300, 'a')), 400});
  all.push_back({"endless zeros in a chunk's size", chunked(std::string(300, '0')), 400});
  all.push_back({"LF behind the last chunk", chunked("0\n\r\n"), 400});
  all.push_back({"a trailer without a colon", chunked("0\r\nabc\r\n\r\n"), 400});
  all.push_back({"a trailer with a space in its name", chunked("0\r\na b: c\r\n\r\n"), 400});
  all.push_back({"a trailer that continues", chunked("0\r\na: b\r\n c: d\r\n\r\n"), 400});
  all.push_back({"a trailer with a control character", chunked("0\r\na: \x01\r\n\r\n"), 400});
  all.push_back({"endless trailers", chunked("0\r\n" + std::string(5000, 'a')), 431});
}

} // namespace

shapes malformed_shapes() {
  shapes all;
  add_length_shapes(all);
  add_transfer_encoding_shapes(all);
  add_line_shapes(all);
  add_request_line_shapes(all);
  add_target_shapes(all);
  add_host_shapes(all);
  add_header_shapes(all);
  add_chunk_shapes(all);
  return all;
}

shapes oversized_shapes() {
  const std::string line_max(limits::request_line_bytes_max, 'a');
  const std::string header_max(limits::header_bytes_max, 'a');
  std::string many;
  for (std::size_t i = 0; i < limits::headers_max; ++i)
    many += "A" + std::to_string(i) + ": b\r\n";
  std::string wide;
  for (int i = 0; i < 5; ++i)
    wide += "A: " + std::string(4000, 'b') + "\r\n";
  shapes all{
      {"a request line that is too long", get_target("/hello?" + line_max), 414},
      {"a request line without an end", "GET /" + line_max + line_max, 414},
      {"a method without an end", line_max + line_max, 414},
      {"a path that is too long", get_target("/" + std::string(limits::path_bytes_max, 'a')), 414},
      {"a path of 8 KB of escapes", get_target("/" + std::string(8000, '%')), 414},
      {"a header that is too long", get("A: " + header_max + "\r\n"), 431},
      {"a header without an end", "GET /hello HTTP/1.1\r\nHost: a\r\nA: " + header_max + "aaa",
       431},
      {"a header name without an end", "GET /hello HTTP/1.1\r\nHost: a\r\n" + header_max + "aaa",
       431},
      {"too many headers", get(many), 431},
      {"headers that are too large together", get(wide), 431},
  };
  for (const char* length :
       {"1048577", "2000000", "1073741824", "4294967296", "9223372036854775807",
        "18446744073709551615", "18446744073709551616", "99999999999999999999999999999999999999"})
    all.push_back({std::string{"Content-Length "} + length,
                   post("Content-Length: " + std::string{length} + "\r\n", "abc"), 413});
  all.push_back({"a chunked body that grows past the bound",
                 [] {
                   std::string body;
                   for (int i = 0; i < 17; ++i)
                     body += "10000\r\n" + std::string(0x10000, 'a') + "\r\n";
                   return chunked(body);
                 }(),
                 413});
  return all;
}

shapes accepted_shapes() {
  std::string many;
  for (std::size_t i = 1; i < limits::headers_max; ++i)
    many += "A" + std::to_string(i) + ": b\r\n";
  const std::string ranges = [] {
    std::string list = "Range: bytes=0-0";
    for (int i = 0; i < 1'900; ++i)
      list += ",0-0";
    return list + "\r\n";
  }();
  return {
      {"the smallest request", get(""), 200},
      {"an empty line ahead", "\r\n" + get(""), 200},
      {"headers in any case", "GET /hello HTTP/1.1\r\nhOsT: a\r\n\r\n", 200},
      {"no space behind the colon", "GET /hello HTTP/1.1\r\nHost:a\r\n\r\n", 200},
      {"spaces and tabs around a value", get("A: \t b \t \r\n"), 200},
      {"an empty value", get("A:\r\n"), 200},
      {"as many headers as allowed", get(many), 200},
      {"the longest header", get("A: " + std::string(8000, 'b') + "\r\n"), 200},
      {"bytes beyond ASCII in a value", get("A: \xc3\xa4\xff\r\n"), 200},
      {"a value with escapes of CR and LF", get("A: %0d%0a%00\r\n"), 200},
      {"a long query", get_target("/hello?" + std::string(7'000, 'q')), 200},
      {"a query with anything", get_target("/hello?a=%zz&b=%00&&&==?/;\\|{}"), 200},
      {"an empty query", get_target("/hello?"), 200},
      {"a path with a dot", get_target("/.well-known/x"), 200},
      {"HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n", 200},
      {"HTTP/1.0 with a body", "POST /echo HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", 200},
      {"Host with a port", "GET /hello HTTP/1.1\r\nHost: a.example:8080\r\n\r\n", 200},
      {"Host of IPv6", "GET /hello HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200},
      {"Host with an empty port", "GET /hello HTTP/1.1\r\nHost: a:\r\n\r\n", 200},
      {"Content-Length 0 with GET", get("Content-Length: 0\r\n"), 200},
      {"1,900 ranges", get(ranges), 200},
      {"an upgrade that nobody asked for", get("Connection: Upgrade\r\nUpgrade: h2c\r\n"), 200},
      {"DELETE", "DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n", 200},
      {"a body", post("Content-Length: 3\r\n", "abc"), 200},
      {"an empty body", post("Content-Length: 0\r\n"), 200},
      {"zeros ahead of a length", post("Content-Length: 0003\r\n", "abc"), 200},
      {"a body with CR, LF and NUL", post("Content-Length: 4\r\n", std::string{"\r\n\0\n", 4}),
       200},
      {"the largest body",
       post("Content-Length: " + std::to_string(limits::body_bytes_max) + "\r\n",
            std::string(limits::body_bytes_max, 'a')),
       200},
      {"Content-Encoding identity",
       post("Content-Encoding: identity\r\nContent-Length: 3\r\n", "abc"), 200},
      {"a form",
       post("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n", "a=b"),
       200},
      {"a form of 9 KB",
       post("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n",
            std::string(9'000, 'a')),
       200},
      {"multipart",
       post("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n",
            "--x--\r\n\r\n"),
       200},
      {"multipart without a boundary",
       post("Content-Type: multipart/form-data\r\nContent-Length: 3\r\n", "abc"), 200},
      {"PUT", "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na", 200},
      {"an empty chunked body", chunked("0\r\n\r\n"), 200},
      {"one chunk", chunked("3\r\nabc\r\n0\r\n\r\n"), 200},
      {"sizes in both cases, zeros ahead",
       chunked("00a\r\n0123456789\r\n0A\r\n0123456789\r\n0\r\n\r\n"), 200},
      {"chunk extensions", chunked("3;a=b;c=\"d\"\r\nabc\r\n0;e\r\n\r\n"), 200},
      {"trailers", chunked("3\r\nabc\r\n0\r\nContent-Length: 7\r\nAuthorization: x\r\n\r\n"), 200},
      {"CHUNKED", post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), 200},
      {"Expect with the body behind it",
       post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc"), 200},
      {"a body of many chunks of one byte",
       [] {
         std::string body;
         for (int i = 0; i < 3'000; ++i)
           body += "1\r\na\r\n";
         return chunked(body + "0\r\n\r\n");
       }(),
       200},
  };
}

/// H17: a path is what it is; nothing is decoded, joined or folded before it is compared.
shapes unrouted_shapes() {
  shapes all;
  for (const char* path : {"/",
                           "/Hello",
                           "/HELLO",
                           "/hello/",
                           "//hello",
                           "/hello//",
                           "/./hello",
                           "/../hello",
                           "/hello/..",
                           "/%68ello",
                           "/%2e%2e/hello",
                           "/hello%2f",
                           "/%2fhello",
                           "/hello;a=b",
                           "/hello%20",
                           "/hello%3fa",
                           "/a/%c0%af",
                           "/hello%0d%0a",
                           "/hello\\",
                           "/\\hello",
                           "/hello.",
                           "/hello%2e",
                           "/.well-known/",
                           "/Xwell-known/x",
                           "/.well-known/xx",
                           "/hello*",
                           "/hel",
                           "/hello+",
                           "/(.*)",
                           "/[a-z]*",
                           "/hello|/echo",
                           "/$hello",
                           "/^hello",
                           "/hello%09"})
    all.push_back({std::string{"path "} + path, get_target(path), 404});
  all.push_back({"404 with a body",
                 "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 404});
  all.push_back({"a long path without a route",
                 get_target("/" + std::string(limits::path_bytes_max - 1, 'a')), 404});
  all.push_back(
      {"POST on a GET path", "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405});
  all.push_back({"GET on a POST path", get_target("/echo"), 405});
  all.push_back({"HEAD on a POST path", "HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n", 405});
  all.push_back({"DELETE on a POST path", "DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n", 405});
  all.push_back({"OPTIONS", "OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405});
  all.push_back({"PATCH", "PATCH /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 405});
  return all;
}

shapes all_shapes() {
  shapes all = malformed_shapes();
  for (const shapes& more : {oversized_shapes(), accepted_shapes(), unrouted_shapes()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

} // namespace crm::test
