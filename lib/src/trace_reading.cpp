// Received fields as they are, not as RFC 5321 4.4 has them.
#include <algorithm>
#include <optional>
#include <utility>

#include "parse.hpp"
#include "postel/trace.hpp"

namespace postel {

namespace {

constexpr bool is_white(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
constexpr bool is_digit(char c) noexcept {
  return grammar::is(grammar::octets::digit, c);
}
constexpr bool is_alpha(char c) noexcept {
  return grammar::is(grammar::octets::alpha, c);
}

// From where first begins to where last ends; both are of one text.
std::string_view joined(std::string_view first, std::string_view last) noexcept {
  if (first.empty()) return last;
  return {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
}

// ---- dates

// The place of text, of three letters or a whole name, among the names; nothing if it is none of them.
bool is_name(std::string_view text, std::string_view names) noexcept {
  if (text.size() < 3) return false;
  for (; !names.empty(); names.remove_prefix(std::min(names.find(' ') + 1, names.size()))) {
    const std::string_view name = names.substr(0, names.find(' '));
    if (equal_ignoring_case(text, name.substr(0, 3)) || equal_ignoring_case(text, name)) return true;
  }
  return false;
}
bool is_day(std::string_view text) noexcept {
  return is_name(text, "Sunday Monday Tuesday Wednesday Thursday Friday Saturday ");
}
bool is_month(std::string_view text) noexcept {
  return is_name(text, "January February March April May June July August September October November December ");
}

// What a date is made of, whatever stands between: letters, digits, a time, a zone.
enum class part : std::uint8_t { none, number, time, day, month, zone };

// Takes the next part off text.
std::pair<part, std::string_view> take_part(std::string_view& text) noexcept {
  // Some separators: who writes thousands of them shall not have each looked at thousands of times.
  for (int most = 80; most != 0 && !text.empty() && (is_white(text.front()) || text.front() == ','); --most)
    text.remove_prefix(1);
  if (text.empty()) return {part::none, {}};
  std::size_t end = 0;
  const auto take = [&](part what) {
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end);
    return std::pair(what, taken);
  };
  const std::string_view all = text;
  const auto at = [&](std::size_t i) { return i < all.size() ? all[i] : '\0'; };
  if (at(0) == '+' || at(0) == '-') {
    for (end = 1; is_digit(at(end)); ++end) {
    }
    if (end == 5) return take(part::zone);
    // A hyphen between the parts of a date.
    text.remove_prefix(1);
    return end == 1 && !is_alpha(at(1)) ? std::pair(part::none, std::string_view()) : take_part(text);
  }
  if (is_digit(at(0))) {
    while (is_digit(at(end))) ++end;
    if (end <= 2 && at(end) == ':' && is_digit(at(end + 1))) {
      while (is_digit(at(end)) || at(end) == ':' || at(end) == '.') ++end;
      return take(part::time);
    }
    return end <= 4 ? take(part::number) : std::pair(part::none, std::string_view());
  }
  const std::size_t quote = at(0) == '"' ? 1 : 0; // in quotes, as some write the zone
  end = quote;
  while (is_alpha(at(end))) ++end;
  if (end == quote) return {part::none, {}};
  const std::string_view word = all.substr(quote, end - quote);
  if (quote == 1 && at(end) != '"') return {part::none, {}};
  end += quote;
  // A word that goes on with other octets is no part of a date.
  if (const char next = at(end);
      next != '\0' && !is_white(next) && next != ',' && next != '-' && next != '(' && next != ';' && next != '.')
    return {part::none, {}};
  if (is_day(word)) return take(part::day);
  if (is_month(word)) return take(part::month);
  return word.size() <= 5 ? take(part::zone) : std::pair(part::none, std::string_view());
}

// The date and time that text begins with, in the order of RFC 5322, of asctime() or of others; empty if there is none.
std::string_view date_at(std::string_view text) noexcept {
  constexpr unsigned most_parts = 7;
  std::string_view rest = text;
  bool month = false, time = false;
  unsigned numbers = 0;
  std::size_t end = 0;
  for (unsigned count = 0; count < most_parts; ++count) {
    const auto [what, taken] = take_part(rest);
    if (what == part::none) break;
    if (!rest.empty() && grammar::is(grammar::octets::let_dig, rest.front())) break;
    if (what == part::zone && !time) break;
    if (count == 0 && what != part::day && what != part::number) break;
    if (what == part::number && ++numbers > 3) break;
    if ((what == part::month && std::exchange(month, true)) || (what == part::time && std::exchange(time, true))) break;
    end = text.size() - rest.size();
  }
  // 2026-11-22 has no name of a month.
  const bool day_is_named = month || numbers == 3;
  return time && day_is_named ? text.substr(0, end) : std::string_view();
}

// ---- tokens

// Walks over the words and comments of a field.
class walker {
 public:
  explicit walker(std::string_view text) noexcept : rest_(text) {}

  // What has not been walked over, white space before it dropped.
  std::string_view rest() noexcept {
    while (!rest_.empty() && is_white(rest_.front())) rest_.remove_prefix(1);
    return rest_;
  }
  std::string_view take(std::size_t octets) noexcept {
    const std::string_view taken = rest_.substr(0, octets);
    rest_.remove_prefix(octets);
    return taken;
  }
  // The comment that begins here, with its parentheses; empty if it does not end.
  std::string_view comment() noexcept {
    if (unclosed_ == most_unclosed) return {};
    std::size_t depth = 0;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      if (rest_[at] == '\\')
        ++at;
      else if (rest_[at] == '(')
        ++depth;
      else if (rest_[at] == ')' && --depth == 0)
        return take(at + 1);
    }
    ++unclosed_;
    return {};
  }
  // The word that begins here: up to white space, a comment or a semicolon, but for those in quotes and in angle brackets.
  std::string_view word() noexcept {
    std::size_t at = 1;
    if (rest_.front() == '"') at = behind_quote(0);
    for (; at < rest_.size() && !is_white(rest_[at]) && rest_[at] != '(' && rest_[at] != ';'; ++at)
      if (rest_[at] == '"') at = behind_quote(at) - 1;
    return take(at);
  }

 private:
  // Behind the quoted text that begins at that place; behind its quote if it does not end.
  std::size_t behind_quote(std::size_t begin) noexcept {
    if (!quotes_end_) return begin + 1;
    for (std::size_t at = begin + 1; at < rest_.size(); ++at) {
      if (rest_[at] == '\\')
        ++at;
      else if (rest_[at] == '"')
        return at + 1;
    }
    quotes_end_ = false;
    return begin + 1;
  }

  // Looking for an end that is not there costs the length of the field each time.
  static constexpr unsigned most_unclosed = 8;

  std::string_view rest_;
  unsigned unclosed_ = 0;
  bool quotes_end_ = true;
};

// ---- clauses

enum class clause : std::uint8_t { none, from, by, via, with, id, for_path };

clause keyword_of(std::string_view word) noexcept {
  constexpr std::pair<std::string_view, clause> keywords[] = {{"from", clause::from}, {"by", clause::by},
                                                              {"via", clause::via},   {"with", clause::with},
                                                              {"id", clause::id},     {"for", clause::for_path}};
  if (word.size() <= 4)
    for (const auto& [keyword, which] : keywords)
      if (equal_ignoring_case(word, keyword)) return which;
  return clause::none;
}

bool is_address(std::string_view word) noexcept {
  return word.starts_with('<') || word.find('@') != std::string_view::npos;
}
// One address, or a user's name.
bool is_recipient(std::string_view word) noexcept {
  if (is_address(word)) return word.find(',') == std::string_view::npos || word.find('"') != std::string_view::npos;
  return std::ranges::all_of(word, [](char c) {
    return grammar::is(grammar::octets::let_dig, c) || c == '-' || c == '_' || c == '.' || c == '+';
  });
}
// Whether a party's name can be complete: a domain of several labels, an address, a literal. What else it begins with may go on.
bool is_host(std::string_view word) noexcept {
  return word.find_first_of(".:@[") < word.size() - 1 || word.starts_with('[');
}

class reader {
 public:
  // text: the field behind its name. False if nothing is in it.
  bool read(std::string_view text) noexcept {
    walker tokens(text);
    bool comments = false;
    for (std::string_view rest = tokens.rest(); !rest.empty(); rest = tokens.rest()) {
      if (rest.front() == ';') {
        end_clause();
        passing_ = false;
        tokens.take(1);
        continue;
      }
      if (rest.front() == '(') {
        const std::string_view comment = tokens.comment();
        comments = comments || !comment.empty();
        if (comment.empty())
          pass_over(tokens.take(1));
        else
          note_comment(comment);
        continue;
      }
      if (found_.date.empty() && value_ended()) {
        if (const std::string_view date = date_at(rest); !date.empty()) {
          end_clause();
          found_.date = tokens.take(date.size());
          passing_ = false;
          continue;
        }
      }
      note_word(tokens.word());
    }
    end_clause();
    return comments || any_ || !found_.date.empty();
  }
  [[nodiscard]] const trace_clauses& found() const noexcept { return found_; }

 private:
  // Whether a date may begin here: no clause waits for its value.
  [[nodiscard]] bool value_ended() const noexcept {
    return current_ == clause::none || !value_.empty() || !info_.empty();
  }

  void note_comment(std::string_view comment) noexcept {
    passing_ = false;
    if (party_of(current_) != nullptr) info_ = joined(info_, comment);
    if (!value_.empty()) complete_ = true;
  }

  void note_word(std::string_view word) noexcept {
    const clause next = keyword_of(word);
    if (next != clause::none) {
      end_clause();
      if (has(next)) return pass_over(word);
      current_ = next;
      keyword_ = word;
      return;
    }
    while (word.size() > 1 && word.ends_with(',') && current_ != clause::for_path) word.remove_suffix(1);
    if (current_ == clause::none || !takes(word)) return pass_over(word);
    if (party_of(current_) != nullptr && !value_.empty() && word.starts_with('[')) {
      info_ = joined(info_, word);
      complete_ = true;
      return;
    }
    several_ = !value_.empty();
    value_ = joined(value_, word);
    host_ = host_ || is_host(word);
    address_ = address_ || is_address(word);
  }

  // Whether word belongs to the current clause.
  [[nodiscard]] bool takes(std::string_view word) const noexcept {
    if (value_.empty()) return true;
    switch (current_) {
      case clause::from:
      case clause::by: return word.starts_with('[') || (!complete_ && !host_); // "mail pickup service"
      case clause::via:
      case clause::with: return !complete_;
      // Several words are a list or a phrase.
      case clause::for_path: return !complete_ && (!address_ || is_address(word));
      default: return false;
    }
  }

  trace_party* party_of(clause which) noexcept {
    return which == clause::from ? &found_.from : which == clause::by ? &found_.by : nullptr;
  }
  std::string_view& text_of(clause which) noexcept {
    switch (which) {
      case clause::via: return found_.via;
      case clause::with: return found_.with;
      case clause::id: return found_.id;
      case clause::for_path: return found_.for_path;
      default: return party_of(which)->name;
    }
  }

  [[nodiscard]] bool has(clause which) noexcept {
    const trace_party* const party = party_of(which);
    return !text_of(which).empty() || (party != nullptr && !party->info.empty());
  }

  void end_clause() noexcept {
    const clause which = std::exchange(current_, clause::none);
    const std::string_view value = std::exchange(value_, {});
    const std::string_view info = std::exchange(info_, {});
    const bool several = std::exchange(several_, false);
    complete_ = host_ = address_ = false;
    if (which == clause::none) return;
    passing_ = false;
    if (value.empty() && info.empty()) return pass_over(keyword_);
    if (which == clause::for_path && (several || !is_recipient(value))) return pass_over(joined(keyword_, value));
    text_of(which) = value;
    if (trace_party* const party = party_of(which); party != nullptr) party->info = info;
    any_ = true;
  }

  void pass_over(std::string_view text) noexcept {
    if (!value_.empty()) complete_ = true; // it does not go on behind other text
    const std::size_t count = found_.passed_over_count;
    if (passing_ && count <= found_.passed_over.size()) {
      found_.passed_over[count - 1] = joined(found_.passed_over[count - 1], text);
      return;
    }
    if (!passing_) ++found_.passed_over_count;
    if (!passing_ && count < found_.passed_over.size()) found_.passed_over[count] = text;
    passing_ = true;
  }

  trace_clauses found_;
  bool any_ = false;              // a clause was found
  clause current_ = clause::none; // whose value is being read
  std::string_view keyword_;      // that began it
  std::string_view value_;
  std::string_view info_;
  bool complete_ = false; // nothing more belongs to the value
  bool host_ = false;     // one of its words is a host
  bool address_ = false;  // or an address
  bool several_ = false;  // it has several words
  bool passing_ = false;  // the text before was passed over, and what is passed over now goes on with it
};

// Where the field has a line end that does not fold it.
std::optional<std::size_t> end_of_field(std::string_view field) noexcept {
  for (std::size_t at = field.find('\n'); at != std::string_view::npos; at = field.find('\n', at + 1))
    if (at + 1 == field.size() || (field[at + 1] != ' ' && field[at + 1] != '\t')) return at;
  return std::nullopt;
}

} // namespace

result<trace_clauses> read_received(std::string_view field) noexcept {
  constexpr std::string_view name = "Received";
  if (!equal_ignoring_case(field.substr(0, name.size()), name)) return failure{errc::syntax, 0, expectation::received};
  std::size_t colon = name.size();
  while (colon < field.size() && (field[colon] == ' ' || field[colon] == '\t')) ++colon;
  if (colon == field.size() || field[colon] != ':')
    return failure{errc::syntax, detail::offset_of(colon), expectation::colon, expectation::received};
  if (const auto end = end_of_field(field))
    return failure{errc::syntax, detail::offset_of(*end), expectation::end_of_text, expectation::received};
  reader content;
  if (!content.read(field.substr(colon + 1)))
    return failure{errc::syntax, detail::offset_of(colon + 1), expectation::clause};
  return content.found();
}

} // namespace postel
