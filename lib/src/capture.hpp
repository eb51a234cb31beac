// What the rules of addresses and commands leave behind when they match.
#pragma once

#include "parse.hpp"
#include "postel/address.hpp"
#include "postel/grammar/command.hpp"

namespace postel::detail {

// Filled during one attempt, used only if the whole text matched. PEGTL does not undo the actions of an abandoned alternative: whatever
// can follow one sets all that it may have set.
struct captures {
  path address;
  std::string_view params;
  bool smtputf8 = false; // the parameter of VRFY and EXPN
  bool last = false;     // the end marker of BDAT and BURL
};

template <typename Rule>
struct capture : peg::nothing<Rule> {};

template <typename Charset>
struct capture<grammar::A_d_l<Charset>> {
  template <typename Input>
  static void apply(const Input& in, captures& captured) noexcept {
    captured.address.source_route = view(in);
  }
};

template <typename Charset>
struct capture<grammar::local_part<Charset>> {
  template <typename Input>
  static void apply(const Input& in, captures& captured) noexcept {
    captured.address.local_part = view(in);
  }
};

template <typename Charset>
struct capture<grammar::host<Charset>> {
  template <typename Input>
  static void apply(const Input& in, captures& captured) noexcept {
    captured.address.domain = view(in);
  }
};

template <>
struct capture<grammar::Postmaster> {
  template <typename Input>
  static void apply(const Input& in, captures& captured) noexcept {
    captured.address = {{}, view(in), {}};
  }
};

template <typename Charset>
struct capture<grammar::esmtp_params<Charset>> {
  template <typename Input>
  static void apply(const Input& in, captures& captured) noexcept {
    captured.params = view(in);
  }
};

template <>
struct capture<grammar::smtputf8_parameter> {
  static void apply0(captures& captured) noexcept { captured.smtputf8 = true; }
};

template <>
struct capture<grammar::end_marker> {
  static void apply0(captures& captured) noexcept { captured.last = true; }
};

// Calls function with the grammar's tag for octets: function.template operator()<Tag>().
template <typename Function>
decltype(auto) with_charset(charset octets, Function&& function) {
  return octets == charset::ascii ? function.template operator()<grammar::ascii>()
                                  : function.template operator()<grammar::internationalized>();
}

// The form of a host that matched: its first octets tell.
inline host_form form_of(std::string_view text) noexcept {
  if (text.front() != '[') return host_form::domain;
  if (equal_ignoring_case(text.substr(1, 5), "IPv6:")) return host_form::ipv6_literal;
  return text.find(':') == std::string_view::npos ? host_form::ipv4_literal : host_form::general_literal;
}

} // namespace postel::detail
