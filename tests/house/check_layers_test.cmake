# SPDX-License-Identifier: Apache-2.0
#
# Plants one breach at a time in a copy of the four layers and demands that check_layers.cmake
# fails and names it; and that it lets the innocent pass.
#
#   cmake -DROOT=<source tree> -DSCRATCH=<folder to work in> -P tests/house/check_layers_test.cmake
cmake_minimum_required(VERSION 3.25)

set(wrong 0)

# run(<out: passed> <out: said>)
function(run passed said)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DROOT=${SCRATCH} -P ${ROOT}/cmake/check_layers.cmake
    RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(code EQUAL 0)
    set(${passed} TRUE PARENT_SCOPE)
  else()
    set(${passed} FALSE PARENT_SCOPE)
  endif()
  set(${said} "${out}${err}" PARENT_SCOPE)
endfunction()

# plant(<file> <text> [<the breach that must be named>]): no third argument, no breach.
function(plant file text)
  set(license "// SPDX-License-Identifier: Apache-2.0\n")
  if(text MATCHES "^no license")
    set(license "")
  endif()
  file(WRITE ${SCRATCH}/${file} "${license}#pragma once\n${text}\n")
  run(passed said)
  file(REMOVE ${SCRATCH}/${file})

  if(ARGC EQUAL 2)
    if(NOT passed)
      message(SEND_ERROR "${file} with `${text}` is innocent, but:\n${said}")
    endif()
    return()
  endif()
  string(FIND "${said}" "${file}: ${ARGV2}" at)
  if(passed OR at EQUAL -1)
    message(SEND_ERROR "${file} with `${text}`: no `${ARGV2}` in:\n${said}")
  else()
    string(REGEX MATCH "${file}: [^\n]*" line "${said}")
    message(STATUS "caught ${line}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
foreach(layer protocol storage actors transport)
  if(IS_DIRECTORY ${ROOT}/${layer})
    file(COPY ${ROOT}/${layer} DESTINATION ${SCRATCH})
  endif()
endforeach()
run(passed said)
if(NOT passed)
  message(FATAL_ERROR "The tree itself breaks the rules:\n${said}")
endif()

# A layer that it may not see.
foreach(pair "protocol storage" "protocol actors" "protocol transport" "storage actors"
    "storage transport" "actors transport" "transport storage" "transport actors")
  string(REPLACE " " ";" pair "${pair}")
  list(GET pair 0 from)
  list(GET pair 1 to)
  plant(${from}/planted.hpp "#include \"${to}/any.hpp\"" "#include \"${to}/any.hpp\":")
endforeach()
plant(protocol/planted.hpp "  # include  <storage/any.hpp>" "# include  <storage/any.hpp>:")
plant(storage/planted.hpp "#include \"protocol/any.hpp\"")
plant(actors/deep/er/planted.cpp "#include \"storage/any.hpp\"")
plant(transport/deep/main.cpp "#include \"actors/any.hpp\"" "#include \"actors/any.hpp\":")

# A library outside its layer.
foreach(pair "protocol sqlite3.h" "actors sqlite3.h" "transport sqlite3.h" "storage caf/all.hpp"
    "transport caf/all.hpp" "transport httplib.h" "actors openssl/evp.h"
    "storage openssl/ssl.h" "transport openssl/rand.h" "transport curl/curl.h" "actors re2/re2.h"
    "storage prometheus/registry.h" "protocol sys/socket.h" "protocol fcntl.h" "storage regex"
    "actors boost/asio.hpp" "storage zlib.h")
  string(REPLACE " " ";" pair "${pair}")
  list(GET pair 0 from)
  list(GET pair 1 header)
  plant(${from}/planted.hpp "#include <${header}>" "#include <${header}>:")
endforeach()
plant(storage/planted.hpp "#include \"sibling.hpp\"" "#include \"sibling.hpp\":")
plant(actors/planted.hpp "#include <caf/all.hpp>\n#include <unordered_map>")
plant(storage/planted.cpp "#include <sqlite3.h>\n#include <openssl/evp.h>\n#include <unistd.h>")
plant(transport/planted.cpp "#include <openssl/ssl.h>\n#include <sys/epoll.h>")

# SQL outside storage/.
plant(actors/planted.cpp "const char* q = \"SELECT id, name FROM contacts WHERE id=\";" "SQL")
plant(actors/planted.cpp "const char* q = \"insert into contacts values(\";" "SQL")
plant(transport/planted.cpp "const char* q = R\"sql(\n  delete from contacts)sql\";" "SQL")
plant(storage/planted.cpp "const char* q = \"select id from contacts\";")
plant(actors/planted.cpp "const char* about = \"Select a stage; update the deal; delete it.\";")

# The shape of a file.
string(REPEAT "x" 97 long)
string(REPEAT "é" 97 accents)
string(REPEAT "//\n" 500 many)
plant(storage/planted.hpp "// ${long}")
plant(storage/planted.hpp "// ${accents}")
plant(storage/planted.hpp "// ${long}y" "a line is longer than 100 columns")
plant(storage/planted.hpp "${many}" "503 lines")
plant(storage/planted.hpp "no license" "the first line is not")
plant(storage/string_util.hpp "" "a name that says nothing")
plant(storage/utilisation.hpp "")
