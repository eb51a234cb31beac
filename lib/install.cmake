# What `cmake --install` lays down: component postel needs nothing but the library; component grammar needs PEGTL.
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/postel)

install(TARGETS postel EXPORT postel-targets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS postel_grammar EXPORT postel-grammar-targets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT postel-targets NAMESPACE postel:: DESTINATION ${config_dir})
install(EXPORT postel-grammar-targets NAMESPACE postel:: DESTINATION ${config_dir})

configure_package_config_file(postel-config.cmake.in postel-config.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(postel-config-version.cmake COMPATIBILITY SameMinorVersion)
configure_file(postel.pc.in postel.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/postel-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/postel-config-version.cmake
  DESTINATION ${config_dir})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/postel.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
