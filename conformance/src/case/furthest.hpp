// Error messages from a grammar that has no must<>: the furthest place any named rule failed at is where the text is wrong, and the
// names of the rules that failed there are what was expected.
#pragma once

#include <algorithm>
#include <postel/grammar/pegtl.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace postel::conformance {

// What a reader calls Rule; specialised for the rules that an error message may name.
template <typename Rule>
inline constexpr std::string_view reader_name{};

// The base class of a parse's state.
class furthest_failure {
 public:
  explicit furthest_failure(std::string_view text) : begin_(text.data()), at_(text.data()) {}

  void failed(const char* at, std::string_view name) {
    if (at > at_) names_.clear();
    if (at >= at_) {
      at_ = at;
      if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
    }
  }

  [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

  // "expected A, B or C"
  [[nodiscard]] std::string message() const {
    std::string text = "expected ";
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (i > 0) text += i + 1 == names_.size() ? " or " : ", ";
      text += names_[i];
    }
    return text;
  }

 private:
  const char* begin_;
  const char* at_;
  std::vector<std::string_view> names_;
};

// PEGTL's control class that reports the failures of named rules to the state.
template <typename Rule>
struct noting_failures : postel::grammar::peg::normal<Rule> {
  template <postel::grammar::peg::apply_mode A, postel::grammar::peg::rewind_mode M,
            template <typename...> class Action, template <typename...> class Control, typename Input, typename State>
  [[nodiscard]] static bool match(Input& in, State& state) {
    const char* const begin = in.current();
    const bool matched = postel::grammar::peg::match<Rule, A, M, Action, Control>(in, state);
    if constexpr (!reader_name<Rule>.empty()) {
      if (!matched) state.failed(begin, reader_name<Rule>);
    }
    return matched;
  }
};

} // namespace postel::conformance
