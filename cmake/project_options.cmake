# What every target of ours is compiled with: the language, the warnings, the sanitizers.
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)

add_library(crm_options INTERFACE)
target_compile_features(crm_options INTERFACE cxx_std_20)
target_include_directories(crm_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(crm_options INTERFACE CRM_VERSION="${PROJECT_VERSION}")
target_compile_options(crm_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast -Werror)
target_link_libraries(crm_options INTERFACE Threads::Threads)

if(CRM_SANITIZE)
  # CAF 0.17.6 binds a null reference when it spawns a function actor without arguments
  # (init_fun_factory.hpp:85); -fno-sanitize=null keeps UBSan quiet about it.
  set(sanitizer_flags -fsanitize=${CRM_SANITIZE} -fno-omit-frame-pointer)
  if(CRM_SANITIZE MATCHES "undefined")
    list(APPEND sanitizer_flags -fno-sanitize=null -fno-sanitize-recover=undefined)
  endif()
  if(CRM_SANITIZE MATCHES "thread")
    # GCC 12 takes moved-from variants for uninitialized when it instruments them.
    list(APPEND sanitizer_flags -Wno-maybe-uninitialized)
  endif()
  target_compile_options(crm_options INTERFACE ${sanitizer_flags})
  target_link_options(crm_options INTERFACE ${sanitizer_flags})
endif()

# crm_add_layer(<name> SOURCES ... LINKS ... PRIVATE_LINKS ...): one static library per layer.
function(crm_add_layer name)
  cmake_parse_arguments(layer "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${layer_SOURCES})
  target_link_libraries(${name} PUBLIC crm_options ${layer_LINKS} PRIVATE ${layer_PRIVATE_LINKS})
endfunction()
