# SPDX-License-Identifier: Apache-2.0
# Writes the C++ file with the program's version:
#   cmake -DVERSION=<the project's> -DSOURCE=<source folder> -DACTION=<owner/name@ref>
#         -DOUTPUT=version.cpp -P Version.cmake
# A build of the commit that is tagged v<VERSION>, or of sources without git, is <VERSION>; any other
# build says which commit it is. It runs in every build and touches the file only for a new version.
set(version ${VERSION})
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --abbrev=12 --match v${VERSION}
                  OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  string(REGEX REPLACE "^.*-g" "" commit "${described}")
  if(commit MATCHES "^[0-9a-f]+$")
    string(APPEND version "+g${commit}")
  endif()
endif()
set(code "#include \"gate/util/version.h\"\n\nnamespace perfgate {\nconst char* const perfgate_version = \"${version}\";\nconst char* const perfgate_action = \"${ACTION}\";\n}\n")
set(before "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT code STREQUAL before)
  file(WRITE ${OUTPUT} "${code}")
endif()
