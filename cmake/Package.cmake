# SPDX-License-Identifier: Apache-2.0
# What is installed, and the packages of it: a relocatable tarball and two .debs.
#
#   cmake --install build/release --prefix DIR [--component gate|cuda]
#   cd build/release && cpack -G "TGZ;DEB"     SOURCE_DATE_EPOCH makes two runs give the same bytes
#
# Component gate is perfgate with its defaults and recordings; it needs no CUDA. Component cuda is
# what measures: the runner and the injection library, which are only there where they were built.
# All paths are the same below any prefix, because perfgate finds its files from where it lies.
#
# Installing builds nothing, and what was not built is left out: only perfgate itself must be there.
set(share share/perfgate)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

install(TARGETS perfgate COMPONENT gate)
install(DIRECTORY configs baselines DESTINATION ${share} COMPONENT gate)
install(DIRECTORY tests/recordings DESTINATION ${share} COMPONENT gate
        FILES_MATCHING PATTERN "*.json" PATTERN pairs EXCLUDE)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION share/doc/perfgate COMPONENT gate)
install(DIRECTORY docs DESTINATION share/doc/perfgate COMPONENT gate FILES_MATCHING PATTERN "*.md")

# The manual page and the completions come from the tables of --help.
set(generated ${PROJECT_BINARY_DIR}/manual)
file(MAKE_DIRECTORY ${generated})
foreach(entry IN ITEMS
    man:perfgate.1:share/man/man1
    bash:perfgate:share/bash-completion/completions
    zsh:_perfgate:share/zsh/vendor-completions
    fish:perfgate.fish:share/fish/vendor_completions.d)
  string(REPLACE : ";" entry ${entry})
  list(POP_FRONT entry what file destination)
  add_custom_command(OUTPUT ${generated}/${file} DEPENDS perfgate VERBATIM
    COMMAND sh -c "\"$0\" generate \"$1\" >\"$2\"" $<TARGET_FILE:perfgate> ${what} ${generated}/${file})
  list(APPEND generated_files ${generated}/${file})
  install(FILES ${generated}/${file} DESTINATION ${destination} COMPONENT gate OPTIONAL)
endforeach()
add_custom_target(perfgate_manual ALL DEPENDS ${generated_files})

if(TARGET perfgate-runner)
  install(TARGETS perfgate-runner RUNTIME COMPONENT cuda OPTIONAL)
  install(TARGETS perfgate-inject LIBRARY DESTINATION lib/perfgate COMPONENT cuda OPTIONAL)
endif()

set(CPACK_PACKAGE_VENDOR perfgate)
set(CPACK_PACKAGE_CONTACT "The perfgate authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Performance-regression gate for GPU CI")
set(CPACK_PACKAGE_DESCRIPTION "Measures GPU kernels by CUPTI under fixed clocks, compares them with the baseline stored for that GPU, and says pass or fail with the reason.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR TGZ)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 1)
# One tarball with all components, named after the machine; everything lies below its one folder.
set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)
set(CPACK_PACKAGE_FILE_NAME perfgate-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_COMPONENTS_ALL gate)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "")
set(CPACK_DEBIAN_GATE_PACKAGE_NAME perfgate)
set(CPACK_DEBIAN_GATE_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_GATE_PACKAGE_RECOMMENDS git)
# What the programs link is a dependency by its package's name and version.
find_program(PERFGATE_SHLIBDEPS dpkg-shlibdeps)
if(PERFGATE_SHLIBDEPS)
  set(CPACK_DEBIAN_GATE_PACKAGE_SHLIBDEPS ON)
endif()

if(TARGET perfgate-runner)
  list(APPEND CPACK_COMPONENTS_ALL cuda)
  # The runner links the toolkit's runtime, cuBLAS and CUPTI, so the package is one of its version.
  string(REPLACE . - cuda_version ${CUDAToolkit_VERSION_MAJOR}.${CUDAToolkit_VERSION_MINOR})
  set(CPACK_DEBIAN_CUDA_PACKAGE_NAME perfgate-cuda-${cuda_version})
  set(CPACK_DEBIAN_CUDA_PACKAGE_PROVIDES perfgate-cuda)
  set(CPACK_DEBIAN_CUDA_PACKAGE_CONFLICTS perfgate-cuda)
  set(CPACK_DEBIAN_CUDA_PACKAGE_DEPENDS
      "perfgate (= ${PROJECT_VERSION}), cuda-cudart-${cuda_version}, libcublas-${cuda_version}, cuda-cupti-${cuda_version}")
  set(CPACK_COMPONENT_CUDA_DESCRIPTION
      "The measuring programs of perfgate for CUDA ${CUDAToolkit_VERSION_MAJOR}.${CUDAToolkit_VERSION_MINOR}: the runner and the injection library.")
endif()
include(CPack)
