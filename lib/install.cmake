# What `cmake --install` lays down: component postel needs nothing but the library; component grammar needs PEGTL.
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/postel)

install(TARGETS postel EXPORT postel-targets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS postel_grammar EXPORT postel-grammar-targets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT postel-targets NAMESPACE postel:: DESTINATION ${config_dir})
install(EXPORT postel-grammar-targets NAMESPACE postel:: DESTINATION ${config_dir})

configure_package_config_file(postel-config.cmake.in postel-config.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(postel-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/postel-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/postel-config-version.cmake
  DESTINATION ${config_dir})

# postel.pc says where things are as seen from itself, so that it holds wherever all of it is moved. Where the folder of libraries has an absolute
# place, the prefix has one too: that of the installation, which need not be that of the configuration.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(pc_prefix "@CMAKE_INSTALL_PREFIX@")
else()
  file(RELATIVE_PATH to_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
  string(REGEX REPLACE "/$" "" to_prefix "${to_prefix}")
  set(pc_prefix "\${pcfiledir}/${to_prefix}")
endif()
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY "\${prefix}" OUTPUT_VARIABLE pc_libdir)
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_INCLUDEDIR BASE_DIRECTORY "\${prefix}" OUTPUT_VARIABLE pc_includedir)
configure_file(postel.pc.in postel.pc.in @ONLY)
install(CODE "configure_file(\"${CMAKE_CURRENT_BINARY_DIR}/postel.pc.in\" \"${CMAKE_CURRENT_BINARY_DIR}/postel.pc\" @ONLY)")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/postel.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
