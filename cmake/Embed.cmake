# SPDX-License-Identifier: Apache-2.0
# Turns the files of the report's page into one C++ file. It is a script, so that nothing has to be
# built or installed for it:
#   cmake -DFOLDER=gate/report/page -DCHARTS=<chart.min.js or empty> -DOUTPUT=page_files.cpp -P Embed.cmake

set(scripts text charts memory counters detail changes table main)  # joined into one script in this order

# The bytes of ${in} (hex digits) as the initialiser of an array.
function(bytes_of hex out)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  # The bytes are broken into lines that compilers and people can read.
  string(REGEX REPLACE "((0x..,){24})" "\\1\n" bytes "${bytes}")
  set(${out} "${bytes}" PARENT_SCOPE)
endfunction()

# Hex digits as base64 (RFC 4648): a Content-Security-Policy names a script by such a hash.
function(base64_of hex out)
  set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  string(LENGTH "${hex}" length)
  set(text "")
  foreach(at RANGE 0 ${length} 6)
    string(SUBSTRING "${hex}" ${at} 6 part)
    string(LENGTH "${part}" digits)
    if(digits EQUAL 0)
      break()
    endif()
    string(SUBSTRING "${part}000000" 0 6 padded)
    math(EXPR value "0x${padded}")
    math(EXPR characters "${digits} / 2 + 1")
    foreach(i RANGE 1 4)
      if(i GREATER characters)
        string(APPEND text "=")
      else()
        math(EXPR index "(${value} >> (24 - 6 * ${i})) & 63")
        string(SUBSTRING "${alphabet}" ${index} 1 letter)
        string(APPEND text "${letter}")
      endif()
    endforeach()
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

set(code "// Written by cmake/Embed.cmake.\n#include \"gate/report/page_files.h\"\n\nnamespace perfgate {\n\nnamespace {\n")
set(definitions "")
function(embed name file)
  if(file)
    file(READ "${file}" hex HEX)
    file(SHA256 "${file}" digest)
  else()
    set(hex "")
    string(SHA256 digest "")
  endif()
  bytes_of("${hex}" bytes)
  base64_of("${digest}" hash)
  string(LENGTH "${hex}" size)
  math(EXPR size "${size} / 2")
  string(APPEND code "const unsigned char ${name}_bytes[] = {\n${bytes}0};\n")
  string(APPEND definitions "const PageFile ${name}{{reinterpret_cast<const char*>(${name}_bytes), ${size}}, \"${hash}\"};\n")
  set(code "${code}" PARENT_SCOPE)
  set(definitions "${definitions}" PARENT_SCOPE)
endfunction()

set(joined "'use strict';\n")
foreach(script IN LISTS scripts)
  file(READ "${FOLDER}/${script}.js" text)
  string(APPEND joined "${text}")
endforeach()
file(WRITE "${OUTPUT}.js" "${joined}")

embed(page_html "${FOLDER}/page.html")
embed(page_css "${FOLDER}/page.css")
embed(page_js "${OUTPUT}.js")
embed(chart_js "${CHARTS}")
file(WRITE "${OUTPUT}" "${code}\n}  // namespace\n\n${definitions}\n}  // namespace perfgate\n")
