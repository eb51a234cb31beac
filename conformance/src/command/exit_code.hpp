// What the tool's exit status says.
#pragma once

namespace postel::conformance::exit_code {

inline constexpr int good = 0;
inline constexpr int bad = 1;        // a MUST failed, a verdict is not the expected one, a text did not parse
inline constexpr int untestable = 2; // the target could not be tried, the server not be started
inline constexpr int usage = 64;     // the command line or a case file is wrong (EX_USAGE)

} // namespace postel::conformance::exit_code
