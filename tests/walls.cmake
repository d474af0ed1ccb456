# SPDX-License-Identifier: Apache-2.0
# The walls between the rooms (docs/architecture.md), as a test: one table says what a folder's files
# may include of the project, through however many headers, another what they may touch of the world.
#   cmake -DSOURCE=<source tree> -P walls.cmake

cmake_minimum_required(VERSION 3.25)

# folder: the folders beside itself that its files may reach, its own headers' includes counted in.
# A row grants what is used and no more: a new reach is a decision, made here.
set(shared "gate/util gate/record gate/decode gate/program")
string(CONCAT core "${shared} gate/config gate/run gate/baseline gate/judge gate/diagnose gate/report "
  "gate/github gate/doctor gate/exchange gate/history")
set(shell "gate/os gate/gpu gate/measure gate/post")
set(rooms
  "gate/util:"
  "gate/os: gate/util"
  "gate/record: gate/util"
  "gate/decode: gate/util gate/record"
  "gate/program: gate/util gate/record"
  "gate/config: ${shared}"
  "gate/run: gate/util gate/record"
  "gate/baseline: ${shared} gate/config gate/run"
  "gate/judge: gate/util gate/record gate/config gate/run gate/baseline"
  "gate/diagnose: gate/util gate/record gate/config gate/run gate/baseline gate/judge"
  "gate/report: gate/util gate/record gate/config gate/run gate/baseline gate/judge gate/diagnose"
  "gate/github: gate/util gate/record gate/config gate/run gate/judge gate/diagnose gate/report"
  "gate/doctor: gate/util gate/record"
  "gate/exchange: gate/util gate/record gate/program gate/config gate/run gate/baseline gate/judge gate/diagnose gate/report gate/history"
  "gate/history: gate/util gate/record gate/config gate/run gate/baseline gate/judge gate/diagnose gate/report"
  "gate/gpu: ${shared} gate/config"
  "gate/measure: gate/util gate/record gate/program gate/run gate/judge gate/exchange gate/os gate/gpu"
  "gate/post: gate/util gate/record gate/config gate/run gate/judge gate/diagnose gate/report gate/github gate/os"
  "gate/cli: ${core} ${shell}"
  "kernels/cuda: ${shared}"
  "kernels/ops: gate/util gate/decode kernels/cuda"
  "kernels/cupti: gate/util kernels/cuda"
  "kernels/collect: gate/util gate/record kernels/cupti"
  "kernels/sentinels: gate/util gate/record kernels/cuda kernels/cupti"
  "kernels/decode: ${shared} kernels/cuda kernels/ops kernels/cupti kernels/collect kernels/sentinels"
  "kernels/program: gate/util gate/record gate/program kernels/cuda kernels/cupti kernels/collect"
  "kernels: ${shared} gate/os kernels/cuda kernels/cupti kernels/collect kernels/sentinels kernels/decode")

# kind: its headers, as patterns: the folders or files that may include them. What no row names is
# refused, so that each new header of the world is put in a row first.
set(world
  "C++: algorithm any array bit bitset cassert cctype cfloat charconv cinttypes climits cmath compare complex
    concepts coroutine cstdarg cstddef cstdint cstring deque exception format forward_list functional
    initializer_list iosfwd iterator limits list map memory memory_resource new numbers numeric optional queue
    ranges ratio regex set source_location span sstream stack stdexcept string string_view system_error tuple
    type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version:
    gate kernels"
  "text: fmt/format[.]h fmt/ranges[.]h: gate kernels"
  "the operating system: cerrno chrono clocale csignal cstdio cstdlib ctime filesystem fstream iomanip ios
    iostream istream locale ostream print random streambuf syncstream fmt/(chrono|os|ostream|std)[.]h
    (sys|linux|net|netinet|arpa)/.* (dirent|dlfcn|errno|fcntl|poll|signal|spawn|stdio|stdlib|termios|time|unistd)[.]h:
    ${shell} gate/cli gate/util/demangle.cpp kernels/cuda kernels/cupti kernels/program"
  "threads: atomic barrier condition_variable execution future latch mutex semaphore shared_mutex stop_token
    thread pthread[.]h: ${shell} gate/cli kernels/cupti kernels/decode kernels/program"
  "program files: elf[.]h: kernels/cupti"
  "names of functions: cxxabi[.]h: gate/util/demangle.cpp"
  "TOML: toml[+][+]/.*: gate/util"
  "JSON: nlohmann/.*: gate/util"
  "statistics: boost/math/.*: gate/util"
  "the command line: CLI/.*: gate/cli/command_parser.cpp kernels/runner_main.cpp"
  "HTTP: curl/.*: gate/post"
  "SQLite: sqlite3[.]h: gate/exchange/sqlite_file.cpp"
  "NVML, which gate/gpu loads at run time: nvml.*:"
  "CUPTI: (cupti|nvperf|generated_cuda).*: kernels/cupti kernels/program"
  "CUDA: cuda[A-Za-z0-9_]*[.]h (cuda|cub|nvtx3)/.* (cublas|curand|cooperative_groups|nvToolsExt).*:
    kernels/cuda kernels/ops kernels/cupti kernels/sentinels kernels/decode kernels/program")

# The endings of files in these folders: what is scanned, and what no compiler reads.
set(sources "[.](h|cpp|cuh|cu|h[.]in)$")
set(no_sources "[.](txt|js|css|html|map)$")

# ---------------------------------------------------------------------------------------------------

file(GLOB_RECURSE files RELATIVE "${SOURCE}" "${SOURCE}/gate/*" "${SOURCE}/kernels/*")
list(FILTER files EXCLUDE REGEX "${no_sources}")
list(LENGTH files count)
if(count LESS 20)
  message(FATAL_ERROR "only ${count} files found in ${SOURCE}: is SOURCE right?")
endif()
set(complaints "")

# Per file, the names in its #include lines: the project's own files, and the world's.
foreach(file IN LISTS files)
  set(own_${file} "")
  set(world_${file} "")
  if(NOT file MATCHES "${sources}")
    list(APPEND complaints "${file}: an unknown kind of source file (name it .h, .cpp, .cuh or .cu)")
  endif()
  file(READ "${SOURCE}/${file}" text)
  # A line that goes on behind a backslash is one line, as for the compiler. Brackets, semicolons and
  # other backslashes mean something to CMake's lists, and no name of a header has them.
  string(REGEX REPLACE "\\\\[ \t\r]*\n" "" text "${text}")
  string(REGEX REPLACE "[][;\\]" "," text "${text}")
  string(REPLACE "\n" ";" lines "${text}")
  # A # with its word behind a comment counts too: the comment may end on a later line.
  list(FILTER lines INCLUDE REGEX "(#|%:)(.*(include|import)|[ \t]*/[*])")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "^[ \t]*#[ \t]*include[ \t]+([<\"])([^>\"]*)[>\"]")
      list(APPEND complaints "${file} includes something in an unusual way, write #include \"path\": '${line}'")
      continue()
    endif()
    set(name "${CMAKE_MATCH_2}")
    if(name IN_LIST files)
      list(APPEND own_${file} ${name})
    elseif("${name}.in" IN_LIST files)  # generated
      list(APPEND own_${file} ${name}.in)
    elseif(CMAKE_MATCH_1 STREQUAL "<" AND NOT name MATCHES "^[./]|[.][.]|^(gate|kernels|tests)/")
      list(APPEND world_${file} ${name})
    else()
      list(APPEND complaints "${file} includes \"${name}\": not a path from the source tree")
    endif()
  endforeach()
endforeach()

# True when `file` lies in one of the folders (at any depth) or is one of the files that `where` lists.
function(lies_in file where out)
  set(${out} FALSE PARENT_SCOPE)
  foreach(entry IN LISTS where)
    string(FIND "${file}" "${entry}/" at)
    if(file STREQUAL entry OR at EQUAL 0)
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# Everything that `file` includes, directly or through other files of the project, and through which.
function(reach file)
  set(seen "")
  set(next "${own_${file}}")
  foreach(name IN LISTS next)
    set(through_${name} ${file})
  endforeach()
  while(next)
    list(POP_FRONT next name)
    if(NOT name IN_LIST seen)
      list(APPEND seen ${name})
      foreach(further IN LISTS own_${name})
        if(NOT DEFINED through_${further})
          set(through_${further} ${name})
        endif()
        list(APPEND next ${further})
      endforeach()
    endif()
  endwhile()
  foreach(name IN LISTS seen)
    get_filename_component(room ${name} DIRECTORY)
    if(NOT room IN_LIST allowed)
      set(via "")
      if(NOT through_${name} STREQUAL file)
        set(via " through ${through_${name}}")
      endif()
      list(APPEND complaints "${file} includes ${name}${via}: ${folder} must not know ${room}")
      break()  # the first says it; what lies behind it would be said again and again
    endif()
  endforeach()
  set(complaints "${complaints}" PARENT_SCOPE)
endfunction()

# Whether the table of the world knows the header and lets the file include it.
function(may_include file name)
  foreach(row IN LISTS world)
    string(REGEX MATCH "^([^:]*):([^:]*):(.*)$" row "${row}")
    set(kind "${CMAKE_MATCH_1}")
    separate_arguments(headers UNIX_COMMAND "${CMAKE_MATCH_2}")
    separate_arguments(where UNIX_COMMAND "${CMAKE_MATCH_3}")
    list(JOIN headers "|" pattern)
    if(name MATCHES "^(${pattern})$")
      lies_in(${file} "${where}" may)
      list(JOIN where ", " where)
      if(NOT may AND where)
        list(APPEND complaints "${file} includes <${name}> (${kind}), which is for ${where} only")
      elseif(NOT may)
        list(APPEND complaints "${file} includes <${name}> (${kind}), which no file may include")
      endif()
      set(complaints "${complaints}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  list(APPEND complaints
    "${file} includes <${name}>, which tests/walls.cmake does not know: name it in a row of `world`, or do without")
  set(complaints "${complaints}" PARENT_SCOPE)
endfunction()

foreach(file IN LISTS files)
  get_filename_component(folder ${file} DIRECTORY)
  set(known FALSE)
  set(allowed ${folder})
  foreach(row IN LISTS rooms)
    string(REGEX MATCH "^([^:]*):(.*)$" row "${row}")
    if(CMAKE_MATCH_1 STREQUAL folder)
      set(known TRUE)
      string(STRIP "${CMAKE_MATCH_2}" others)
      separate_arguments(others)
      list(APPEND allowed ${others})
    endif()
  endforeach()
  if(NOT known)
    list(APPEND complaints "${file}: the folder ${folder} has no row in the table of tests/walls.cmake")
    continue()
  endif()
  reach(${file})
  foreach(name IN LISTS world_${file})
    may_include(${file} "${name}")
  endforeach()
endforeach()

if(complaints)
  list(REMOVE_DUPLICATES complaints)
  list(JOIN complaints "\n  " text)
  message(FATAL_ERROR "walls were crossed:\n  ${text}")
endif()
