#include "postel/trace.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "append.hpp"
#include "capture.hpp"
#include "postel/grammar/trace.hpp"
#include "write.hpp"

namespace postel {

namespace {

// What the rules of a stamp leave behind. The names of both parties have one rule: the first match is FROM's, the second BY's.
struct stamp_captures {
  std::string_view parties[2];
  std::size_t count = 0;
  received field;
};

template <typename Rule>
struct stamp_action : grammar::peg::nothing<Rule> {};

template <typename Charset>
struct stamp_action<grammar::Extended_Domain<Charset>> {
  template <typename Input>
  static void apply(const Input& in, stamp_captures& captured) noexcept {
    if (captured.count < 2) captured.parties[captured.count++] = detail::view(in);
  }
};

template <std::string_view received::* Member>
struct keep {
  template <typename Input>
  static void apply(const Input& in, stamp_captures& captured) noexcept {
    captured.field.*Member = detail::view(in);
  }
};

template <typename Charset>
struct stamp_action<grammar::Link<Charset>> : keep<&received::via> {};
template <typename Charset>
struct stamp_action<grammar::Protocol<Charset>> : keep<&received::with> {};
template <typename Charset>
struct stamp_action<grammar::ID_value<Charset>> : keep<&received::id> {};
template <typename Charset>
struct stamp_action<grammar::For_value<Charset>> : keep<&received::for_path> {};
template <typename Charset>
struct stamp_action<grammar::additional_clauses<Charset>> : keep<&received::additional> {};
template <typename Charset>
struct stamp_action<grammar::trace_date_time<Charset>> : keep<&received::date> {};

constexpr std::string_view white_space = " \t\r\n";
constexpr std::string_view day_names = "SunMonTueWedThuFriSat";
constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = std::min(text.find_first_not_of(white_space), text.size());
  return text.substr(begin, text.find_last_not_of(white_space) + 1 - begin);
}

extended_domain split(std::string_view party) noexcept {
  const std::string_view name = party.substr(0, party.find_first_of(white_space));
  extended_domain whole{{name, detail::form_of(name)}, {}};
  if (const std::size_t open = party.find('('); open != std::string_view::npos)
    whole.tcp_info = party.substr(open + 1, party.size() - open - 2);
  return whole;
}

// The parts of a date-time that the grammar has matched, one behind the other.
class date_parts {
 public:
  explicit date_parts(std::string_view date) noexcept : date_(date) {}

  [[nodiscard]] char first() noexcept {
    while (white_space.find(date_[at_]) != std::string_view::npos) ++at_;
    return date_[at_];
  }
  // Moves behind so many octets, and gives where they begin.
  std::size_t skip(std::size_t octets) noexcept {
    (void)first();
    return std::exchange(at_, at_ + octets);
  }
  // Digits as a number; of a long one the last four.
  unsigned number() noexcept {
    unsigned value = 0;
    for ((void)first(); at_ < date_.size() && grammar::is(grammar::octets::digit, date_[at_]); ++at_)
      value = (value * 10 + static_cast<unsigned>(date_[at_] - '0')) % 10000;
    return value;
  }
  [[nodiscard]] std::size_t place() const noexcept { return at_; }
  [[nodiscard]] bool more(char octet) const noexcept { return at_ < date_.size() && date_[at_] == octet; }

 private:
  std::string_view date_;
  std::size_t at_ = 0;
};

// Which of the names, three letters each, text begins with, in any case.
unsigned index_of(std::string_view names, std::string_view text) noexcept {
  unsigned index = 0;
  while (!equal_ignoring_case(names.substr(std::size_t{3} * index, 3), text.substr(0, 3))) ++index;
  return index;
}

// What can't be in a date-time that the grammar has matched: RFC 5322 3.3.
std::optional<failure> impossible(std::string_view date) noexcept {
  using namespace std::chrono;
  const auto wrong = [](std::size_t at, expectation what = expectation::real_date) {
    return failure{errc::syntax, detail::offset_of(at), what};
  };
  date_parts parts(date);
  std::optional<unsigned> day_of_week;
  if (!grammar::is(grammar::octets::digit, parts.first())) {
    day_of_week = index_of(day_names, date.substr(parts.skip(4)));
  }
  (void)parts.first();
  const std::size_t day_place = parts.place();
  const unsigned day_number = parts.number();
  const unsigned month_number = index_of(month_names, date.substr(parts.skip(3))) + 1;
  (void)parts.first();
  const std::size_t year_place = parts.place();
  const unsigned year_number = parts.number();
  const bool long_year = parts.place() - year_place > 4;
  if (!long_year && year_number < 1900) return wrong(year_place);
  // Every 400 years the calendar is the same; four digits and more of a longer year say which of them it is.
  const year_month_day whole{year(static_cast<int>(year_number % 400 + 2000)), month(month_number), day(day_number)};
  if (!whole.ok()) return wrong(day_place);
  if (day_of_week && weekday(sys_days(whole)).c_encoding() != *day_of_week) return wrong(0, expectation::day_of_week);
  const std::size_t time_place = parts.skip(0);
  if (parts.number() > 23) return wrong(time_place);
  parts.skip(1);
  if (parts.number() > 59) return wrong(time_place + 3);
  if (parts.more(':')) {
    parts.skip(1);
    if (parts.number() > 60) return wrong(time_place + 6); // 60: a leap second
  }
  const std::size_t zone_place = parts.skip(1);
  if (parts.number() % 100 > 59) return wrong(zone_place);
  return std::nullopt;
}

void write(std::string& out, std::string_view keyword, const extended_domain& party) {
  out.append(keyword).append(party.name.text);
  if (!party.tcp_info.empty()) out.append(" (").append(party.tcp_info).append(")");
}

void write(std::string& out, std::string_view keyword, std::string_view clause) {
  if (!clause.empty()) out.append(keyword).append(clause);
}

template <typename Number>
void write_padded(std::string& out, Number number, unsigned digits) {
  const auto value = static_cast<unsigned>(number);
  for (unsigned power = digits == 4 ? 1000 : 10; power != 0; power /= 10)
    out += static_cast<char>('0' + value / power % 10);
}

} // namespace

result<received> parse_received(std::string_view field, charset octets) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() -> result<received> {
    using rule = grammar::Time_stamp_line<Charset>;
    stamp_captures captured;
    if (!detail::matches<rule, stamp_action>(field, captured)) return detail::fault<rule>(field);
    received value = captured.field;
    value.from = split(captured.parties[0]);
    value.by = split(captured.parties[1]);
    value.additional = trimmed(value.additional);
    value.date = trimmed(value.date);
    if (const auto why = impossible(value.date))
      return failure{errc::syntax,
                     detail::offset_of(static_cast<std::size_t>(value.date.data() - field.data())) + why->offset,
                     why->expected, expectation::trace_date};
    return value;
  });
}

result<path> parse_return_path(std::string_view field, charset octets) noexcept {
  return detail::with_charset(octets, [&]<typename Charset>() -> result<path> {
    using rule = grammar::Return_path_line<Charset>;
    detail::captures captured;
    if (!detail::matches<rule, detail::capture>(field, captured)) return detail::fault<rule>(field);
    return captured.address;
  });
}

result<std::size_t> append(std::string& out, const received& value, charset octets) {
  const auto written = detail::append_checked(
      out, value,
      [&] {
        out += "Received: ";
        write(out, "from ", value.from);
        write(out, " by ", value.by);
        write(out, " via ", value.via);
        write(out, " with ", value.with);
        write(out, " id ", value.id);
        write(out, " for ", value.for_path);
        write(out, " ", value.additional);
        write(out, "; ", value.date);
      },
      [&](std::string_view field) { return parse_received(field, octets); });
  if (!written) return written;
  out += "\r\n";
  return *written + 2;
}

result<std::size_t> append_return_path(std::string& out, const path& value, charset octets) {
  const auto written = detail::append_checked(
      out, value,
      [&] {
        out += "Return-Path: ";
        detail::write(out, value);
      },
      [&](std::string_view field) { return parse_return_path(field, octets); });
  if (!written) return written;
  out += "\r\n";
  return *written + 2;
}

result<std::size_t> append_date(std::string& out, std::int64_t unix_seconds, int offset_minutes) {
  using namespace std::chrono;
  constexpr std::int64_t first = -2208988800;   // 1900-01-01T00:00:00Z
  constexpr std::int64_t beyond = 253402300800; // 10000-01-01T00:00:00Z
  constexpr int most_offset = 100 * 60;
  if (offset_minutes <= -most_offset || offset_minutes >= most_offset)
    return failure{errc::syntax, 0, expectation::date_time};
  const std::int64_t local =
      unix_seconds < first || unix_seconds >= beyond ? beyond : unix_seconds + std::int64_t{offset_minutes} * 60;
  if (local < first || local >= beyond) return failure{errc::syntax, 0, expectation::date_time};
  const std::size_t before = out.size();

  const sys_seconds time{seconds(local)};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  out.append(day_names.substr(std::size_t{3} * weekday(day).c_encoding(), 3)).append(", ");
  write_padded(out, static_cast<unsigned>(date.day()), 2);
  out.append(" ").append(month_names.substr(std::size_t{3} * (static_cast<unsigned>(date.month()) - 1), 3)).append(" ");
  write_padded(out, static_cast<int>(date.year()), 4);
  out += ' ';
  write_padded(out, clock.hours().count(), 2);
  out += ':';
  write_padded(out, clock.minutes().count(), 2);
  out += ':';
  write_padded(out, clock.seconds().count(), 2);
  out += offset_minutes < 0 ? " -" : " +";
  const int zone = offset_minutes < 0 ? -offset_minutes : offset_minutes;
  write_padded(out, zone / 60, 2);
  write_padded(out, zone % 60, 2);
  return out.size() - before;
}

} // namespace postel
