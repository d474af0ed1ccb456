# SPDX-License-Identifier: Apache-2.0
# The tests that are scripts: lint, and what runs under Node.js. Part of tests/CMakeLists.txt.

# script_test(NAME LABEL SCRIPT ARGUMENTS...): the script says "skipped: WHY" and ends with exit code
# 77 where it can't run.
function(script_test name label script)
  add_test(NAME ${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${ARGN}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77 TIMEOUT 600
    ENVIRONMENT PERFGATE=$<TARGET_FILE:perfgate>)
endfunction()

script_test(lint.format lint lint/format)
script_test(lint.shell lint lint/shell)
script_test(lint.walls lint lint/walls_test)
script_test(lint.licence lint lint/licence)
script_test(lint.mutations lint mutations --check)
script_test(lint.tidy lint lint/tidy)
# It takes all cores by itself.
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
set_tests_properties(lint.tidy PROPERTIES PROCESSORS ${cores} TIMEOUT 1800)
set_tests_properties(walls PROPERTIES LABELS lint)

script_test(summary host summary_test)
script_test(install.packages cli install/packages ${PROJECT_BINARY_DIR})
script_test(install.newcomer cli install/newcomer ${PROJECT_BINARY_DIR})
script_test(install.first_verdict cli install/first_verdict ${PROJECT_BINARY_DIR})
foreach(shell bash zsh fish)
  script_test(install.${shell} cli install/completions ${shell} $<TARGET_FILE:perfgate>)
endforeach()
script_test(exchange.openmetrics cli exchange/openmetrics $<TARGET_FILE:perfgate>
  tests/recordings/h200.json baselines/h200.toml)
script_test(history.branch cli exchange/history_branch $<TARGET_FILE:perfgate>
  tests/recordings/h200.json)
script_test(exchange.recipes cli exchange/recipes $<TARGET_FILE:perfgate>)
script_test(page page node_tests page browser)
script_test(trace.format trace node_tests trace/format.test.mjs)
script_test(trace.perfetto trace node_tests trace/perfetto.test.mjs trace_processor)
script_test(github github node_tests github browser)

# The longest ones begin first, so that no core idles at the end; a new build folder knows no times.
set(cost 900)
foreach(test lint.tidy github install.packages page install.newcomer)
  set_tests_properties(${test} PROPERTIES COST ${cost})
  math(EXPR cost "${cost} - 100")
endforeach()

if(TARGET perfgate-runner)
  script_test(lint.runner_links cuda lint/runner_links $<TARGET_FILE:perfgate-runner>
    $<TARGET_FILE:perfgate_core> $<TARGET_FILE:perfgate_shell>)
endif()
