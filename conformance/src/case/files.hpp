// The folder of case files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "case/case.hpp"

namespace postel::conformance {

// Where the cases are unless the command line says so: where they were installed with the tool, else in the folder "cases" beside it.
[[nodiscard]] std::filesystem::path default_case_folder();

// Reads the cases in folder and below, sections in the order of their numbers: those for servers are in files *.case,
// those for clients in *.client. They may use the preludes in the file "preludes" of the folder.
// The error is a diagnostic or a sentence, ready to print.
[[nodiscard]] std::variant<std::vector<test_case>, std::string> load_cases(const std::filesystem::path& folder,
                                                                           side tested = side::server);

// Whether id matches one of the globs (fnmatch; * spans slashes). No globs match everything.
[[nodiscard]] bool selected(std::string_view id, const std::vector<std::string>& globs);

} // namespace postel::conformance
