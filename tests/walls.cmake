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

# What only some may include of the world: a pattern of header names, then the folders or files.
string(CONCAT operating_system "(fstream|iostream|filesystem|chrono|ctime|time[.]h|cstdio|stdio[.]h|"
  "cstdlib|stdlib[.]h|unistd[.]h|fcntl[.]h|csignal|signal[.]h|thread|mutex|random|poll[.]h|dlfcn[.]h|"
  "(sys|linux|net|netinet|arpa)/.*|fmt/(chrono|os|ostream)[.]h)")
set(world
  "toml[+][+]/.*: gate/util"
  "nlohmann/.*: gate/util"
  "boost/.*: gate/util"
  "CLI/.*: gate/cli/command_parser.cpp kernels/runner_main.cpp"
  "curl/.*: gate/post"
  "nvml.*:"
  "(cupti|nvperf|generated_cuda).*: kernels/cupti"
  "(cuda|cublas|nvtx|nvToolsExt|curand).*: kernels"
  "${operating_system}: ${shell} gate/cli kernels")

# ---------------------------------------------------------------------------------------------------

file(GLOB_RECURSE files RELATIVE "${SOURCE}" "${SOURCE}/gate/*.h" "${SOURCE}/gate/*.cpp"
     "${SOURCE}/kernels/*.h" "${SOURCE}/kernels/*.cuh" "${SOURCE}/kernels/*.cpp" "${SOURCE}/kernels/*.cu")
list(LENGTH files count)
if(count LESS 20)
  message(FATAL_ERROR "only ${count} files found in ${SOURCE}: is SOURCE right?")
endif()
set(complaints "")

# Per file, the names in its #include lines: the project's own files, and the world's.
foreach(file IN LISTS files)
  set(own_${file} "")
  set(world_${file} "")
  file(STRINGS "${SOURCE}/${file}" lines REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "include[ \t]*([<\"])([^>\"]*)[>\"]" line "${line}")
    set(name "${CMAKE_MATCH_2}")
    if(name IN_LIST files)
      list(APPEND own_${file} ${name})
    elseif(CMAKE_MATCH_1 STREQUAL "<")
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
    foreach(row IN LISTS world)
      string(REGEX MATCH "^(.*):([^:]*)$" row "${row}")
      set(pattern "${CMAKE_MATCH_1}")
      string(STRIP "${CMAKE_MATCH_2}" where)
      separate_arguments(where)
      if(name MATCHES "^${pattern}$")
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
  endforeach()
endforeach()

if(complaints)
  list(REMOVE_DUPLICATES complaints)
  list(JOIN complaints "\n  " text)
  message(FATAL_ERROR "walls were crossed:\n  ${text}")
endif()
