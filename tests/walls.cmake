# The walls between the rooms (docs/architecture.md), as a test: one table says what a folder's files
# may include of the project, through however many headers, another what they may touch of the world.
#   cmake -DSOURCE=<source tree> -P walls.cmake

cmake_minimum_required(VERSION 3.25)

# folder: the folders beside itself that its files may reach, its own headers' includes counted in.
set(ground gate/util)
set(shared "gate/util gate/record gate/decode")
string(CONCAT core "${shared} gate/config gate/run gate/baseline gate/judge gate/diagnose gate/report "
  "gate/github gate/doctor")
set(shell "gate/os gate/gpu gate/measure gate/post")
set(rooms
  "gate/util:"
  "gate/os: ${ground}"
  "gate/record: ${ground}"
  "gate/decode: ${ground} gate/record"
  "gate/config: ${shared}"
  "gate/run: ${ground} gate/record"
  "gate/baseline: ${shared} gate/config gate/run"
  "gate/judge: ${ground} gate/record gate/config gate/run gate/baseline"
  "gate/diagnose: ${ground} gate/record gate/config gate/run gate/baseline gate/judge"
  "gate/report: ${ground} gate/record gate/config gate/run gate/baseline gate/judge gate/diagnose"
  "gate/github: ${ground} gate/record gate/config gate/run gate/baseline gate/judge gate/diagnose gate/report"
  "gate/doctor: ${shared} gate/config"
  "gate/gpu: ${shared} gate/os gate/config"
  "gate/measure: ${core} gate/os gate/gpu"
  "gate/post: ${core} gate/os"
  "gate/cli: ${core} ${shell}"
  "kernels/cuda: ${ground} gate/record gate/decode"
  "kernels/ops: ${ground} gate/decode kernels/cuda"
  "kernels/cupti: ${ground} gate/record kernels/cuda"
  "kernels/collect: ${ground} gate/record kernels/cuda kernels/cupti"
  "kernels/sentinels: ${ground} gate/record kernels/cuda kernels/cupti"
  "kernels/decode: ${shared} kernels/cuda kernels/ops kernels/cupti kernels/collect kernels/sentinels"
  "kernels: ${shared} gate/os kernels/cuda kernels/ops kernels/cupti kernels/collect kernels/sentinels kernels/decode")

# What may be included of the world: a pattern of header names, then the folders or files. A header
# that no pattern knows is refused; one that several know must be allowed by each.
string(CONCAT operating_system "(fstream|iostream|ostream|filesystem|chrono|ctime|cstdio|cstdlib|csignal|thread|"
  "mutex|condition_variable|future|random|fmt/(chrono|os|ostream|std)[.]h|(sys|linux|net|netinet|arpa)/.*|"
  "(dirent|dlfcn|fcntl|poll|pthread|signal|spawn|stdio|stdlib|time|unistd)[.]h)")
set(world
  "[a-z_]+: gate kernels"
  "fmt/.*: gate kernels"
  "(elf|cxxabi)[.]h: kernels"
  "toml[+][+]/.*: gate/util"
  "nlohmann/.*: gate/util"
  "boost/.*: gate/util"
  "CLI/.*: gate/cli/command_parser.cpp kernels/runner_main.cpp"
  "curl/.*: gate/post"
  "nvml.*:"
  "(cupti|nvperf|generated_cuda).*: kernels/cupti"
  "(cuda|cublas|nvtx|nvToolsExt|curand|cooperative_groups|cub/).*: kernels"
  "${operating_system}: ${shell} gate/cli kernels")

# ---------------------------------------------------------------------------------------------------

# Whatever its name says it is: .cc or .hpp are no way around the walls.
file(GLOB_RECURSE files RELATIVE "${SOURCE}" "${SOURCE}/gate/*" "${SOURCE}/kernels/*")
list(FILTER files EXCLUDE REGEX "[.](txt|in|js|css|html)$")
list(LENGTH files count)
if(count LESS 20)
  message(FATAL_ERROR "only ${count} files found in ${SOURCE}: is SOURCE right?")
endif()
set(complaints "")

# Per file, the names in its #include lines: the project's own files, and the world's.
foreach(file IN LISTS files)
  set(own_${file} "")
  set(world_${file} "")
  file(READ "${SOURCE}/${file}" text)
  # What CMake's lists would take for their own; no name of a header has it.
  string(REGEX REPLACE "[][;]" "," text "${text}")
  string(REPLACE "\\" "|" text "${text}")
  string(REPLACE "\n" ";" lines "${text}")
  list(FILTER lines INCLUDE REGEX "(#|%:).*(include|import)|^[ \t]*(#|%:)[ \t]*[|]$")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "^[ \t]*#[ \t]*include[ \t]+([<\"])([^>\"]*)[>\"]")
      list(APPEND complaints "${file} includes something in an unusual way: '${line}'; write #include \"path\"")
      continue()
    endif()
    set(name "${CMAKE_MATCH_2}")
    if(name IN_LIST files)
      list(APPEND own_${file} ${name})
    elseif(CMAKE_MATCH_1 STREQUAL "<" AND NOT name MATCHES "^[.]|[.][.]|^(gate|kernels|tests)/")
      list(APPEND world_${file} ${name})
    elseif(NOT name STREQUAL "gate/util/version.h")  # generated
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
    set(known FALSE)
    foreach(row IN LISTS world)
      string(REGEX MATCH "^(.*):([^:]*)$" row "${row}")
      set(pattern "${CMAKE_MATCH_1}")
      string(STRIP "${CMAKE_MATCH_2}" where)
      separate_arguments(where)
      if(name MATCHES "^${pattern}$")
        set(known TRUE)
        lies_in(${file} "${where}" may)
        if(NOT may)
          string(REPLACE ";" ", " where "${where}")
          if(NOT where)
            set(where "no folder")
          endif()
          list(APPEND complaints "${file} includes <${name}>, which is for ${where} only")
        endif()
      endif()
    endforeach()
    if(NOT known)
      list(APPEND complaints "${file} includes <${name}>: no row of tests/walls.cmake says who may")
    endif()
  endforeach()
endforeach()

if(complaints)
  list(REMOVE_DUPLICATES complaints)
  list(JOIN complaints "\n  " text)
  message(FATAL_ERROR "walls were crossed:\n  ${text}")
endif()
