# cmake -DHEADERS=FOLDER -P check_umbrella.cmake: postel.hpp includes every other header of the folder, in order.
cmake_minimum_required(VERSION 3.25)

file(GLOB headers RELATIVE ${HEADERS} ${HEADERS}/*.hpp)
list(REMOVE_ITEM headers postel.hpp)
list(SORT headers)
list(TRANSFORM headers REPLACE "(.+)" "#include \"\\1\"")
file(STRINGS ${HEADERS}/postel.hpp included REGEX "^#include")
if(NOT headers OR NOT headers STREQUAL included)
  message(FATAL_ERROR "postel.hpp has\n${included}\nand has to have\n${headers}")
endif()
