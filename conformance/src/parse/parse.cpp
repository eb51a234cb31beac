#include "parse/parse.hpp"

#include <fmt/format.h>

#include "command/exit_code.hpp"
#include "text/escape.hpp"

namespace postel::conformance {

namespace {

// A longer line of the input is refused, not kept.
constexpr std::size_t longest_line = std::size_t{1024} * 1024;

parsed_json parse_text(const parse_options& wanted, std::string_view text) {
  std::string octets(text);
  if (wanted.escaped) {
    unescaped read = unescape(text);
    if (read.wrong) return {false, failure_json("not an escape: use \\r \\n \\t \\0 \\s \\\\ \\xHH", *read.wrong)};
    octets = std::move(read.octets);
    // The line end is framing: parse_command() takes the line without it.
    if (wanted.kind == parsed_kind::command && octets.ends_with("\r\n")) octets.resize(octets.size() - 2);
  } else if (is_reply(wanted.kind)) {
    octets += octets.ends_with('\r') ? "\n" : "\r\n";
  }
  return parse_to_json(wanted.kind, octets, wanted.utf8 ? charset::utf8 : charset::ascii);
}

// Whether another line of the same reply follows this one.
bool goes_on(std::string_view line) {
  constexpr std::size_t code_length = 3;
  return line.size() > code_length && line[code_length] == '-';
}

// The next line without its line feed, cut behind the longest there may be; false at the end.
bool next_line(std::istream& in, std::string& line) {
  line.clear();
  bool any = false;
  for (int octet = in.get(); octet != std::istream::traits_type::eof(); octet = in.get()) {
    any = true;
    if (octet == '\n') return true;
    if (line.size() <= longest_line) line += static_cast<char>(octet);
  }
  return any;
}

} // namespace

int parse(const parse_options& wanted, std::istream& in, std::FILE* out) {
  bool all = true;
  const auto show = [&](const parsed_json& parsed) {
    all = all && parsed.ok;
    fmt::print(out, "{}\n", parsed.line);
    // The objects are for programs; why a text was refused is for whoever looks on.
    fmt::print(stderr, "{}", parsed.explanation);
  };
  for (const std::string& text : wanted.texts) show(parse_text(wanted, text));
  if (wanted.texts.empty()) {
    for (std::string line; next_line(in, line);) {
      // A reply is all of its lines.
      std::string_view last = line;
      if (is_reply(wanted.kind) && !wanted.escaped) {
        for (std::string more; goes_on(last) && line.size() <= longest_line && next_line(in, more);) {
          line += line.ends_with('\r') ? "\n" : "\r\n";
          const std::size_t begin = line.size();
          line += more;
          last = std::string_view(line).substr(begin);
        }
      }
      if (line.size() > longest_line)
        show({false, failure_json(message(errc::line_too_long), longest_line)});
      else
        show(parse_text(wanted, line));
    }
  }
  return all ? exit_code::good : exit_code::bad;
}

} // namespace postel::conformance
