// What is asked of every parser of one text, whatever it parses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "allocations.hpp"
#include "exact.hpp"
#include "objection.hpp"
#include "postel/address.hpp"
#include "postel/result.hpp"

namespace postel::fuzz {

inline bool is_inside(std::string_view part, std::string_view whole) noexcept {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

inline bool is_ascii(std::string_view text) noexcept {
  for (const char c : text)
    if (static_cast<unsigned char>(c) > 127) return false;
  return true;
}

// Commands and addresses hold no control octet, quoted or not: that is what keeps them on their line.
inline objection objection_to_controls(std::string_view accepted) {
  for (const char c : accepted)
    if (const auto octet = static_cast<unsigned char>(c); octet < 32 || octet == 127)
      return in_words(in_quotes(accepted), " is accepted with a control octet");
  return {};
}

// Every ASCII letter in its other case.
inline std::string swapped_case(std::string_view text) {
  std::string swapped(text);
  for (char& c : swapped)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) c = static_cast<char>(c ^ 0x20);
  return swapped;
}

// Judges one parser on one text. Subject says what is parsed:
//   result<T> parse(text, charset)                  the parser
//   result<size_t> append(out, T, charset)          its writer
//   for_each_view(T, f)                             calls f for each view in the value
//   string spelling(text)                           how the value of this text is written
//   string_view parsed_part(written)                what of the written octets the parser takes
//   objection examine(T, text, charset)             what else holds for a value
//   bool has_octets_of_one_case(text)               optional: whether text may hold letters whose case counts
//   bool says_utf8(T)                               optional: whether its syntax is only there with charset::utf8
template <typename Subject>
class parser_oracle {
 public:
  explicit parser_oracle(const Subject& subject) noexcept : subject_(subject) {}

  objection judge(std::string_view text) const {
    const test::exact octets(text);
    const auto ascii = parse(octets, charset::ascii);
    const auto utf8 = parse(octets, charset::utf8);
    for (const auto* one : {&ascii, &utf8}) {
      const charset in = one == &ascii ? charset::ascii : charset::utf8;
      if (one->allocated) return about(text, in, "parsing allocates");
      objection found = one->value ? judge_value(*one->value, octets, in) : judge_failure(one->value.error(), text, in);
      if (!found) found = judge_case(one->value, text, in);
      if (found) return found;
    }
    if (ascii.value && !is_ascii(text)) return about(text, charset::ascii, "accepted with an octet above 127");
    if (ascii.value && !utf8.value) return about(text, charset::utf8, "refused, though accepted as ASCII");
    if (ascii.value && !(*ascii.value == *utf8.value)) return about(text, charset::utf8, "another value than as ASCII");
    if (utf8.value && !ascii.value && is_ascii(text) && !says_utf8(*utf8.value))
      return about(text, charset::ascii, "refused, though accepted as UTF-8 and without an octet above 127");
    return {};
  }

 private:
  using value_type = decltype(std::declval<const Subject&>().parse(std::string_view(), charset::ascii));
  struct outcome {
    value_type value;
    bool allocated;
  };

  outcome parse(std::string_view text, charset in) const {
    const std::uint64_t before = allocations();
    value_type value = subject_.parse(text, in);
    return {std::move(value), allocations() != before};
  }

  template <typename Value>
  bool says_utf8(const Value& value) const {
    if constexpr (requires { subject_.says_utf8(value); }) return subject_.says_utf8(value);
    return false;
  }

  static objection about(std::string_view text, charset in, std::string_view wrong) {
    return in_words(in_quotes(text), " as ", in == charset::ascii ? "ASCII" : "UTF-8", ": ", wrong);
  }

  static objection judge_failure(failure why, std::string_view text, charset in) {
    if (why.offset > text.size()) return about(text, in, "fails at an offset beyond the text");
    return {};
  }

  // RFC 5321 2.4: no rule of the grammar distinguishes the cases of a letter, but for what the subject names.
  objection judge_case(const value_type& parsed, std::string_view text, charset in) const {
    if constexpr (requires { subject_.has_octets_of_one_case(text); })
      if (subject_.has_octets_of_one_case(text)) return {};
    const test::exact swapped(swapped_case(text));
    const auto other = subject_.parse(swapped, in);
    if (other.has_value() != parsed.has_value()) return about(text, in, "the case of its letters decides");
    if (!other && !(other.error() == parsed.error()))
      return about(text, in, "the case of its letters changes the failure");
    return {};
  }

  template <typename Value>
  objection judge_value(const Value& value, std::string_view text, charset in) const {
    bool inside = true;
    subject_.for_each_view(value, [&](std::string_view view) { inside = inside && is_inside(view, text); });
    if (!inside) return about(text, in, "a view points outside of the text");

    constexpr std::string_view already_there = "250 ";
    std::string out(already_there);
    const auto written = subject_.append(out, value, in);
    if (!written) return about(text, in, "is parsed, but its value can't be written");
    if (!out.starts_with(already_there) || *written != out.size() - already_there.size())
      return about(text, in, "append() does not append what it says");
    const std::string_view wire = std::string_view(out).substr(already_there.size());
    if (wire != subject_.spelling(text)) return about(text, in, "is written as " + in_quotes(wire));

    const test::exact again(subject_.parsed_part(wire));
    const auto reparsed = subject_.parse(again, in);
    if (!reparsed) return about(text, in, "what is written is not parsed again");
    if (!(*reparsed == value)) return about(text, in, "what is written is parsed to another value");
    return subject_.examine(value, text, in);
  }

  const Subject& subject_;
};

template <typename Subject>
objection judge_parser(const Subject& subject, std::string_view text) {
  return parser_oracle<Subject>(subject).judge(text);
}

} // namespace postel::fuzz
