// Parses a command given as argument, or a built-in one, and prints what it says.
#include <iostream>
#include <string>
#include <string_view>

#include "postel/command.hpp"

int main(int argc, char** argv) {
  const std::string_view line = argc > 1 ? argv[1] : "MAIL FROM:<ann@example.org> SIZE=1000";
  // [parse]
  const auto parsed = postel::parse_command(line); // views into line, or where it went wrong
  if (std::string why; !parsed) {
    append_explanation(why, parsed.error(), line);
    return std::cout << why, 1;
  }
  if (const auto* mail = std::get_if<postel::cmd::mail>(&*parsed))
    for (const postel::parameter p : mail->params)
      std::cout << mail->from.domain << " gives " << p.keyword << " as " << p.value.value_or("") << '\n';
  // [parse]
  return 0;
}
