#include "postel/reply.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "append.hpp"
#include "capture.hpp"
#include "postel/grammar/reply.hpp"
#include "postel/policy.hpp"
#include "words.hpp"

namespace postel {

namespace {

constexpr std::size_t code_length = 3;

std::uint16_t code_of(std::string_view line) noexcept {
  return static_cast<std::uint16_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

// The first line of wire with its CRLF. Reply text holds no LF, so the first one ends it.
std::string_view first_line(std::string_view wire) noexcept {
  return wire.substr(0, wire.find('\n') + 1);
}

// What stands between a line's code and separator and its CRLF.
std::string_view text_of(std::string_view line) noexcept {
  line.remove_suffix(2);
  line.remove_prefix(std::min(line.size(), code_length + 1));
  return line;
}

struct status_captures {
  std::uint16_t status_class = 0;
  std::uint16_t subject = 0;
  std::uint16_t detail = 0;
};

std::uint16_t number(std::string_view digits) noexcept {
  std::uint16_t value = 0;
  for (const char digit : digits) value = static_cast<std::uint16_t>(value * 10 + (digit - '0'));
  return value;
}

template <typename Rule>
struct status_action : grammar::peg::nothing<Rule> {};

template <std::uint16_t status_captures::* Member>
struct store_number {
  template <typename Input>
  static void apply(const Input& in, status_captures& captured) noexcept {
    captured.*Member = number(detail::view(in));
  }
};

template <>
struct status_action<grammar::status_class> : store_number<&status_captures::status_class> {};
template <>
struct status_action<grammar::status_subject> : store_number<&status_captures::subject> {};
template <>
struct status_action<grammar::status_detail> : store_number<&status_captures::detail> {};

// A status code and what ends it.
struct status_prefix
    : grammar::peg::seq<grammar::status_code, grammar::peg::sor<grammar::peg::eof, grammar::peg::at<grammar::SP>>> {};

// The same at the start of a reply.
struct reply_status
    : grammar::peg::seq<grammar::any_Reply_code, grammar::peg::one<' ', '-'>, grammar::status_code,
                        grammar::peg::sor<grammar::peg::at<grammar::SP>, grammar::peg::at<grammar::CRLF>>> {};

// The status code that Rule finds at the start of text.
template <typename Rule>
[[gnu::flatten]] std::optional<enhanced_status_code> match_status(std::string_view text) noexcept {
  detail::input in(text.data(), text.data() + text.size(), "");
  status_captures captured;
  if (!grammar::peg::parse<Rule, status_action>(in, captured)) return std::nullopt;
  return enhanced_status_code{captured.status_class, captured.subject, captured.detail};
}

// The first code of a reply, and the first one that differs from it.
struct compared_codes {
  const char* first = nullptr;
  const char* other = nullptr;
};

template <typename Rule>
struct code_action : grammar::peg::nothing<Rule> {};

struct compare_code {
  template <typename Input>
  static void apply(const Input& in, compared_codes& codes) noexcept {
    if (codes.first == nullptr) codes.first = in.begin();
    if (codes.other == nullptr && std::memcmp(codes.first, in.begin(), code_length) != 0) codes.other = in.begin();
  }
};

template <>
struct code_action<grammar::Reply_code> : compare_code {};
template <>
struct code_action<grammar::any_Reply_code> : compare_code {};

// What is inside the first line of an EHLO response, or inside one of the others.
struct ehlo_captures {
  std::string_view head; // domain or keyword
  std::string_view tail; // greeting or parameters
};

template <typename Rule>
struct ehlo_action : grammar::peg::nothing<Rule> {};

struct store_head {
  template <typename Input>
  static void apply(const Input& in, ehlo_captures& captured) noexcept {
    captured.head = detail::view(in);
  }
};
struct store_tail {
  template <typename Input>
  static void apply(const Input& in, ehlo_captures& captured) noexcept {
    captured.tail = detail::view(in);
  }
};

template <typename Charset>
struct ehlo_action<grammar::domain<Charset>> : store_head {};
template <>
struct ehlo_action<grammar::ehlo_greet> : store_tail {};

template <typename Rule>
struct ehlo_line_action : grammar::peg::nothing<Rule> {};
template <>
struct ehlo_line_action<grammar::ehlo_keyword> : store_head {};
template <>
struct ehlo_line_action<grammar::ehlo_params> : store_tail {};

} // namespace

std::string_view reply_lines::iterator::operator*() const noexcept {
  return text_of(first_line(rest_));
}

reply_lines::iterator& reply_lines::iterator::operator++() noexcept {
  rest_.remove_prefix(first_line(rest_).size());
  return *this;
}

std::optional<enhanced_status_code> reply_view::status() const noexcept {
  const auto found = match_status<reply_status>(wire_);
  return found && found->status_class == severity() ? found : std::nullopt;
}

bool operator==(const reply_view& a, const reply_view& b) noexcept {
  return a.code_ == b.code_ && std::equal(a.lines().begin(), a.lines().end(), b.lines().begin(), b.lines().end());
}

namespace {

// What is wrong with lines as a reply of these codes, if anything.
template <typename Rule>
std::optional<failure> reply_fault(std::string_view lines) noexcept {
  compared_codes codes;
  if (!detail::matches_often<Rule, code_action>(lines, codes)) return detail::fault<Rule>(lines);
  if (codes.other == nullptr) return std::nullopt;
  return failure{errc::reply_code_mismatch, detail::offset_of(static_cast<std::size_t>(codes.other - codes.first)),
                 expectation::same_reply_code};
}

} // namespace

namespace {

// A line that begins as it should and does not end so: where it ends, or where it should.
[[gnu::cold]] failure placed_at_line_end(std::string_view lines, const failure& why) noexcept {
  if (why.code != errc::syntax || why.expected != expectation::line_end) return why;
  const std::size_t lf = lines.find('\n', why.offset);
  if (lf != std::string_view::npos) return {errc::bare_lf, detail::offset_of(lf), expectation::line_end};
  return {errc::syntax, detail::offset_of(lines.size()), expectation::line_end};
}

// What the octet at the place of a fault is, where the framing is good.
failure named(std::string_view wire, failure why) noexcept {
  const std::size_t column = why.offset - (wire.substr(0, why.offset).rfind('\n') + 1); // npos + 1 is 0
  if (column < code_length) return {why.code, why.offset, expectation::reply_code};
  if (why.expected == expectation::utf8) return why;
  if (wire[why.offset] == '\r') return {errc::bare_cr, why.offset, expectation::line_end};
  return {why.code, why.offset, expectation::reply_text};
}

// The first octet beyond the limit of a line.
std::optional<failure> overlong_line(std::string_view wire, std::size_t limit) noexcept {
  for (std::size_t at = 0; at < wire.size();) {
    const std::size_t length = first_line(wire.substr(at)).size();
    if (length > limit) return failure{errc::line_too_long, detail::offset_of(at + limit)};
    at += length;
  }
  return std::nullopt;
}

std::optional<failure> first_of(const std::optional<failure>& a, const std::optional<failure>& b) noexcept {
  return a && (!b || a->offset <= b->offset) ? a : b;
}

constexpr std::uint16_t challenge = 334; // RFC 4954 4

} // namespace

result<reply_view> read_reply(std::string_view lines, charset octets) noexcept {
  if (const auto fault = reply_fault<grammar::framed_Reply_line>(lines)) return placed_at_line_end(lines, *fault);
  return reply_view(code_of(lines), lines, octets);
}

std::optional<failure> reply_view::deviation() const noexcept {
  if (wire_.empty()) return std::nullopt;
  auto fault = detail::with_charset(
      octets_, [&]<typename Charset>() { return reply_fault<grammar::Reply_line<Charset>>(wire_); });
  if (fault) fault = named(wire_, *fault);
  return first_of(fault, overlong_line(wire_, code_ == challenge ? auth_line_limit : reply_line_limit));
}

result<reply_view> parse_reply(std::string_view lines, charset octets, reply_codes codes) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() -> result<reply_view> {
    const auto fault = codes == reply_codes::any ? reply_fault<grammar::any_Reply_line<Charset>>(lines)
                                                 : reply_fault<grammar::Reply_line<Charset>>(lines);
    if (fault) return *fault;
    return reply_view(code_of(lines), lines, octets);
  });
}

result<enhanced_status_code> parse_status_code(std::string_view text) noexcept {
  const auto found = match_status<status_prefix>(text);
  if (!found) return detail::fault<grammar::status_code>(text);
  return *found;
}

namespace {

std::string_view before_space(std::string_view text) noexcept {
  return text.substr(0, text.find(' '));
}
std::string_view behind_space(std::string_view text) noexcept {
  return text.substr(std::min(text.size(), before_space(text).size() + 1));
}

// What is wrong with lines whose codes Rule gives: codes that differ, or what comes before them.
template <typename Rule>
[[gnu::cold]] failure codes_first(std::string_view lines) noexcept {
  const failure why = detail::fault<Rule>(lines);
  const auto read = read_reply(lines);
  return !read && read.error().code == errc::reply_code_mismatch && read.error().offset <= why.offset ? read.error()
                                                                                                      : why;
}

} // namespace

result<greeting> parse_greeting(std::string_view lines, charset octets) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() -> result<greeting> {
    using rule = grammar::Greeting<Charset>;
    if (!detail::matches<rule>(lines)) return codes_first<rule>(lines);
    const std::string_view first = *reply_lines(lines).begin();
    const std::string_view server = before_space(first);
    return greeting{{server, detail::form_of(server)}, behind_space(first), reply_view(code_of(lines), lines, octets)};
  });
}

result<ehlo_line> parse_ehlo_line(std::string_view text) noexcept {
  ehlo_captures captured;
  if (!detail::matches_often<grammar::ehlo_line, ehlo_line_action>(text, captured))
    return detail::fault<grammar::ehlo_line>(text);
  return ehlo_line{captured.head, captured.tail};
}

result<ehlo_response> parse_ehlo_response(std::string_view lines, charset octets) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() -> result<ehlo_response> {
    using rule = grammar::ehlo_ok_rsp<Charset>;
    ehlo_captures captured;
    if (!detail::matches_often<rule, ehlo_action>(lines, captured)) return codes_first<rule>(lines);
    return ehlo_response{captured.head, captured.tail, reply_view(code_of(lines), lines, octets)};
  });
}

namespace {

constexpr bool begins_keyword(char octet) noexcept {
  return grammar::is(grammar::octets::let_dig, octet);
}
// Of a keyword, and what names that no RFC has are seen to have besides.
constexpr bool is_in_keyword(char octet) noexcept {
  return grammar::is(grammar::octets::ldh, octet) || octet == '_' || octet == '.';
}

} // namespace

std::optional<ehlo_line> read_ehlo_line(std::string_view text) noexcept {
  text.remove_prefix(static_cast<std::size_t>(std::ranges::find_if(text, begins_keyword) - text.begin()));
  if (text.empty()) return std::nullopt;
  const auto* end = std::ranges::find_if_not(text, is_in_keyword);
  const auto* params = end;
  while (end[-1] == '.' || end[-1] == '_') --end; // "STARTTLS."
  if (params != text.end() && grammar::is(grammar::octets::graphic, *params)) {
    // "STARTTLS=", "SIZE:5": one octet in the place of the space.
    if (!detail::is_old_auth(text))
      ++params;
    else
      end = params = std::ranges::find_if(text, detail::is_blank);
  }
  return ehlo_line{{text.begin(), end}, detail::trimmed({params, text.end()})};
}

ehlo_response read_ehlo_response(const reply_view& reply) noexcept {
  if (reply.wire().empty()) return {{}, {}, reply};
  const std::string_view first = *reply.lines().begin();
  return {before_space(first), behind_space(first), reply};
}

std::optional<ehlo_line> ehlo_response::find(std::string_view keyword) const noexcept {
  bool first = true; // the first line is the domain's
  for (const std::string_view text : reply.lines()) {
    if (std::exchange(first, false)) continue;
    if (const auto line = read_ehlo_line(text); line && equal_ignoring_case(line->keyword, keyword)) return line;
  }
  return std::nullopt;
}

std::optional<failure> ehlo_response::deviation() const noexcept {
  if (reply.wire().empty()) return std::nullopt;
  const auto parsed = parse_ehlo_response(reply.wire(), reply.octets_);
  return first_of(parsed ? std::nullopt : std::optional(parsed.error()), overlong_line(reply.wire(), reply_line_limit));
}

namespace {

void write_number(std::string& out, unsigned value) {
  char digits[5];
  std::size_t length = 0;
  do digits[length++] = static_cast<char>('0' + value % 10);
  while ((value /= 10) != 0);
  while (length != 0) out += digits[--length];
}

void write_line(std::string& out, std::uint16_t code, bool last, const std::optional<enhanced_status_code>& status,
                std::string_view text) {
  write_number(out, code);
  out += last ? ' ' : '-';
  if (status) {
    write_number(out, status->status_class);
    out += '.';
    write_number(out, status->subject);
    out += '.';
    write_number(out, status->detail);
    if (!text.empty()) out += ' ';
  }
  out.append(text).append("\r\n");
}

} // namespace

result<std::size_t> append(std::string& out, const reply& value, charset octets) {
  const std::size_t before = out.size();
  const auto undo = [&](failure why) {
    out.resize(before);
    return why;
  };
  for (std::string_view rest = value.text;;) {
    const std::size_t end = rest.find('\n');
    write_line(out, value.code, end == std::string_view::npos, value.status, rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  const auto parsed = parse_reply(std::string_view(out).substr(before), octets);
  if (!parsed) return undo(parsed.error());
  if (value.status && parsed->status() != value.status) return undo({errc::syntax, 0});
  return out.size() - before;
}

result<std::size_t> append(std::string& out, const reply_view& value, charset octets) {
  return detail::append_checked(
      out, value,
      [&] {
        const reply_lines lines = value.lines();
        for (auto line = lines.begin(); line != lines.end();) {
          const std::string_view text = *line++;
          write_line(out, value.code(), line == lines.end(), std::nullopt, text);
        }
      },
      [&](std::string_view wire) { return parse_reply(wire, octets); });
}

} // namespace postel
