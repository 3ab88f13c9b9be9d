# SPDX-License-Identifier: Apache-2.0
#
# The rules of the house that no compiler checks: which layer may include what, where SQL stands,
# and the shape of a file. Prints every breach as `file: what`, then fails.
#
#   cmake [-DROOT=<source tree>] -P cmake/check_layers.cmake
cmake_minimum_required(VERSION 3.25)

# --- The tables -----------------------------------------------------------------------------------

# What each layer may include of ours. A single file may have a row of its own.
set(protocol_sees protocol)
set(storage_sees storage protocol)
set(actors_sees actors storage protocol)
set(transport_sees transport protocol)
set(transport/main.cpp_sees transport protocol actors)

# What each layer may include of others: `header (as a regular expression) | the layers`, the first
# row that matches decides. A header with no row is refused, so that a new library is a decision.
set(libraries
  "nlohmann/             | protocol storage actors transport"
  "sqlite3\\.h           | storage"
  "openssl/(evp|rand|crypto|hmac|sha)\\.h | storage"
  "openssl/(ssl|err|bio)\\.h | transport"
  "caf/                  | actors"
  "curl/                 | actors"
  "prometheus/           | transport"
  "re2/                  | protocol"
  "simdjson\\.h          | protocol"
  "date/                 | protocol storage"
  # The kernel. The ground layer opens no files and no sockets.
  "(sys|netinet|arpa|net)/|(dirent|fcntl|netdb|poll)\\.h | storage actors transport"
  "(errno|pthread|pwd|sched|signal|syslog|termios|unistd)\\.h | protocol storage actors transport"
  # std::regex overflows the stack on long input; `re2` does not.
  "regex$                | none of ours"
  # The C++ standard library.
  "[a-z0-9_]+$           | protocol storage actors transport")

set(columns_max 100)
set(lines_max 500)
set(license_line "// SPDX-License-Identifier: Apache-2.0")
set(names_that_say_nothing "util|utils|helper|helpers|manager|managers|common|misc")

# What starts a text of SQL. It stands in storage/ only (in a .sql file wherever it can), so that
# nobody above can build a statement out of input. Matched against lower-case text.
set(sql_words
  "select [^\"]*[a-z0-9_)*?]+ from |insert (or [a-z]+ )?into |update [a-z_]+ set |delete from "
  "|(create|drop|alter) (table|index|unique|trigger|view|virtual)|pragma |begin (immediate|exclusive)")
string(CONCAT sql_words ${sql_words})

# --- The checks -----------------------------------------------------------------------------------

if(NOT ROOT)
  cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH ROOT)
endif()
set(layers protocol storage actors transport)
set_property(GLOBAL PROPERTY breaches 0)

function(breach file what)
  message(NOTICE "${file}: ${what}")
  get_property(count GLOBAL PROPERTY breaches)
  math(EXPR count "${count} + 1")
  set_property(GLOBAL PROPERTY breaches ${count})
endfunction()

# check_include(<layer> <file> <line> <path>): <path> is what stands between the quotes or angles.
function(check_include layer file line path)
  string(REGEX MATCH "^[^/]*/" folder "${path}")
  string(REPLACE "/" "" folder "${folder}")
  if(folder IN_LIST layers)
    set(sees ${${layer}_sees})
    if(DEFINED ${file}_sees)
      set(sees ${${file}_sees})
    endif()
    if(NOT folder IN_LIST sees)
      list(JOIN sees " " sees)
      breach(${file} "${line}: ${layer} may include ${sees}, not ${folder}")
    endif()
    return()
  endif()

  foreach(row IN LISTS libraries)
    string(REGEX MATCH "^(.*) \\| +(.*)$" matched "${row}")
    set(homes "${CMAKE_MATCH_2}")
    string(STRIP "${CMAKE_MATCH_1}" header)
    if(path MATCHES "^(${header})")
      string(REPLACE " " ";" home_list "${homes}")
      if(NOT layer IN_LIST home_list)
        breach(${file} "${line}: this header is for ${homes}, not for ${layer}")
      endif()
      return()
    endif()
  endforeach()
  breach(${file} "${line}: neither a path from the root nor in the table of check_layers.cmake")
endfunction()

function(check_includes layer file)
  file(STRINGS ${ROOT}/${file} lines REGEX "^[ \t]*#[ \t]*include" ENCODING UTF-8)
  foreach(line IN LISTS lines)
    if(line MATCHES "include[ \t]*[<\"]([^>\"]+)[>\"]")
      set(path "${CMAKE_MATCH_1}")
      string(STRIP "${line}" line)
      check_include(${layer} ${file} "${line}" "${path}")
    else()
      breach(${file} "${line}: an include that hides its header")
    endif()
  endforeach()
endfunction()

function(check_shape layer file)
  cmake_path(GET file STEM LAST_ONLY stem)
  if(stem MATCHES "(^|_)(${names_that_say_nothing})(_|$)")
    breach(${file} "a name that says nothing; name the thing that it holds")
  endif()

  file(READ ${ROOT}/${file} text)
  string(FIND "${text}" "${license_line}\n" at)
  if(NOT at EQUAL 0)
    breach(${file} "the first line is not `${license_line}`")
  endif()
  if(file MATCHES "\\.hpp$" AND NOT text MATCHES "\n#pragma once\n")
    breach(${file} "no `#pragma once`")
  endif()

  string(REGEX MATCHALL "\n" newlines "${text}")
  list(LENGTH newlines line_count)
  if(line_count GREATER lines_max)
    breach(${file} "${line_count} lines; the bound is ${lines_max}")
  endif()
  check_columns(${file} "${text}")

  if(NOT layer STREQUAL "storage")
    string(TOLOWER "${text}" lower)
    if(lower MATCHES "(\"|r\"sql\\()[ \t\n]*(${sql_words})")
      breach(${file} "SQL stands in storage/ only: `${CMAKE_MATCH_2}`")
    endif()
  endif()
endfunction()

# Columns are characters: the bytes that continue one in UTF-8 do not count.
function(check_columns file text)
  string(ASCII 128 first)
  string(ASCII 191 last)
  string(REGEX REPLACE "[${first}-${last}]" "" text "\n${text}")
  string(REPEAT "[^\n]" ${columns_max} full)
  if(text MATCHES "\n(${full})[^\n]")
    string(SUBSTRING "${CMAKE_MATCH_1}" 0 60 start)
    breach(${file} "a line is longer than ${columns_max} columns: `${start}...`")
  endif()
endfunction()

set(file_count 0)
foreach(layer IN LISTS layers)
  file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/${layer}/*.hpp ${ROOT}/${layer}/*.cpp)
  list(LENGTH files count)
  math(EXPR file_count "${file_count} + ${count}")
  foreach(file IN LISTS files)
    check_includes(${layer} ${file})
    check_shape(${layer} ${file})
  endforeach()
endforeach()

get_property(count GLOBAL PROPERTY breaches)
if(file_count EQUAL 0)
  message(FATAL_ERROR "No sources of ours below ${ROOT}: nothing was checked.")
elseif(count GREATER 0)
  message(FATAL_ERROR "Breaches of the rules of the house: ${count}.")
endif()
message(STATUS "The layers hold: ${file_count} files.")
