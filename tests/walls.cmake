# Only X may include Y: the walls of docs/architecture and of the design, section 2, as a test.
#   cmake -DSOURCE=<source tree> -P walls.cmake

cmake_minimum_required(VERSION 3.25)
set(complaints "")

# The names in a file's #include lines.
function(includes_of file out)
  file(STRINGS "${file}" lines REGEX "^[ \t]*#[ \t]*include")
  set(names "")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]*)[>\"].*" "\\1" name "${line}")
    list(APPEND names "${name}")
  endforeach()
  set(${out} "${names}" PARENT_SCOPE)
endfunction()

# `file` (below the source tree) must not include what matches `pattern`.
function(forbid file pattern why)
  includes_of("${SOURCE}/${file}" names)
  foreach(name IN LISTS names)
    if(name MATCHES "${pattern}")
      list(APPEND complaints "${file} includes ${name}: ${why}")
    endif()
  endforeach()
  set(complaints "${complaints}" PARENT_SCOPE)
endfunction()

file(GLOB gate RELATIVE "${SOURCE}" "${SOURCE}/gate/*.h" "${SOURCE}/gate/*.cpp")
file(GLOB_RECURSE kernels RELATIVE "${SOURCE}" "${SOURCE}/kernels/*.h" "${SOURCE}/kernels/*.cuh"
     "${SOURCE}/kernels/*.cpp" "${SOURCE}/kernels/*.cu")
list(LENGTH gate gate_count)
if(gate_count LESS 20)
  message(FATAL_ERROR "only ${gate_count} files found in ${SOURCE}/gate: is SOURCE right?")
endif()

foreach(file IN LISTS gate kernels)
  if(NOT file STREQUAL "gate/toml_table.cpp")
    forbid(${file} "^toml[+][+]/" "only toml_table.cpp knows toml++")
  endif()
  if(NOT file MATCHES "^(gate/cli|kernels/runner_main)\\.cpp$")
    forbid(${file} "^CLI/" "only the two command lines know CLI11")
  endif()
  if(NOT file STREQUAL "gate/http.cpp")
    forbid(${file} "^curl/" "only http.cpp knows libcurl")
  endif()
  if(NOT file STREQUAL "gate/json_object.h")
    forbid(${file} "^nlohmann/" "JSON is read and written through json_object.h")
  endif()
endforeach()

foreach(file IN LISTS gate)
  # gate's own nvml.h, in quotes, declares what the dlopened library is asked for.
  if(NOT file MATCHES "^gate/(nvml|nvml_library|gpu_choice|gpu_reader|clocks|facts|measure)[.]")
    forbid(${file} "^nvml" "only what reads or locks the GPU knows the driver")
  endif()
  forbid(${file} "^(cuda|cublas|cupti|nvtx|nvToolsExt|curand)" "gate/ has no CUDA header")
  forbid(${file} "kernels/" "gate/ knows nothing of kernels/")
endforeach()

# The core is the list in gate/CMakeLists.txt: pure functions over values.
file(READ "${SOURCE}/gate/CMakeLists.txt" cmake)
string(REGEX MATCH "add_library\\(perfgate_core STATIC([^)]*)\\)" found "${cmake}")
string(REGEX MATCHALL "[a-z_]+\\.cpp" core "${CMAKE_MATCH_1}")
list(LENGTH core core_count)
if(core_count LESS 10)
  message(FATAL_ERROR "the list of perfgate_core was not found in gate/CMakeLists.txt")
endif()
string(CONCAT world "^(fstream|iostream|filesystem|chrono|ctime|time\\.h|cstdio|stdio\\.h|cstdlib|"
  "stdlib\\.h|unistd\\.h|fcntl\\.h|csignal|thread|random|sys/.*|dlfcn\\.h|poll\\.h|fmt/chrono\\.h|"
  "curl/.*)$")
string(CONCAT shell "^(gate/)?(api|baseline_commands|baseline_source|claim|cli|clocks|commands|facts|files|gpu_choice|gpu_reader|house|http|"
  "measure|nvml|nvml_library|posting|process|publish_commands|sampler|terminal|version)\\.h$")
foreach(source IN LISTS core)
  string(REPLACE ".cpp" ".h" header "${source}")
  foreach(file IN ITEMS ${source} ${header})
    if(EXISTS "${SOURCE}/gate/${file}")
      forbid(gate/${file} "${world}" "the core has no file system, clock, environment or stdout")
      forbid(gate/${file} "${shell}" "the core does not know the shell")
    endif()
  endforeach()
endforeach()

foreach(file IN LISTS kernels)
  includes_of("${SOURCE}/${file}" names)
  foreach(name IN LISTS names)
    # The runner's main may read and write files and say how it ended, as the gate's does.
    if(file STREQUAL "kernels/runner_main.cpp" AND name MATCHES "^gate/(exit_code|files)[.]h$")
      continue()
    endif()
    if(name MATCHES "gate/" AND NOT name MATCHES
       "^gate/(model|metric|plan|record|error|words|stats|version)[.]h$")
      list(APPEND complaints "${file} includes ${name}: the runner has no policy and no verdict")
    endif()
  endforeach()
endforeach()

if(complaints)
  list(JOIN complaints "\n  " text)
  message(FATAL_ERROR "walls were crossed:\n  ${text}")
endif()
