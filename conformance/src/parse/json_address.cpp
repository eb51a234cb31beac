#include "parse/json_address.hpp"

namespace postel::conformance {

namespace {

std::string_view form_name(host_form form) {
  switch (form) {
    case host_form::domain: return "domain";
    case host_form::ipv4_literal: return "ipv4_literal";
    case host_form::ipv6_literal: return "ipv6_literal";
    case host_form::general_literal: break;
  }
  return "general_literal";
}

} // namespace

json value(const host& h) {
  return {{"text", value(h.text)}, {"form", form_name(h.form)}};
}

json value(const mailbox& m) {
  return {
      {"local_part", value(m.local_part)}, {"meaning", decoded(m.local_part, unquote)}, {"domain", value(m.domain)}};
}

json value(const path& p) {
  return {{"source_route", value(p.source_route)},
          {"local_part", value(p.local_part)},
          {"meaning", decoded(p.local_part, unquote)},
          {"domain", value(p.domain)}};
}

} // namespace postel::conformance
