# cmake -DROOT=... -P check_includes.cmake: which headers may be included where. Prints every offence, and fails if there is one.
#   tao/pegtl/contrib   nowhere but in the canary: see pegtl_canary.cpp
#   tao/pegtl and postel/grammar   not in the library's public headers
cmake_minimum_required(VERSION 3.25)

set(offences 0)

# forbid(PATTERN EXCEPT FOLDERS...): no file below FOLDERS includes what matches PATTERN, but for the file EXCEPT.
function(forbid pattern except)
  set(files)
  foreach(folder IN LISTS ARGN)
    if(NOT IS_DIRECTORY ${ROOT}/${folder})
      message(FATAL_ERROR "${ROOT}/${folder} is not there to be checked")
    endif()
    file(GLOB_RECURSE found ${ROOT}/${folder}/*.hpp ${ROOT}/${folder}/*.cpp)
    if(NOT found)
      message(FATAL_ERROR "${ROOT}/${folder} has no source to be checked")
    endif()
    list(APPEND files ${found})
  endforeach()
  foreach(file IN LISTS files)
    file(RELATIVE_PATH name ${ROOT} ${file})
    if(name STREQUAL "${except}")
      continue()
    endif()
    file(STRINGS ${file} lines REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"].*${pattern}")
    foreach(line IN LISTS lines)
      message(NOTICE "${name} must not have: ${line}")
      math(EXPR offences "${offences} + 1")
    endforeach()
  endforeach()
  set(offences ${offences} PARENT_SCOPE)
endfunction()

forbid("tao/pegtl/contrib" lib/test/pegtl_canary.cpp grammar/include lib conformance/src fuzz)
forbid("(tao/pegtl|postel/grammar)" "" lib/include)

if(offences GREATER 0)
  message(FATAL_ERROR "${offences} forbidden includes")
endif()
