#include "parse/json_trace.hpp"

#include <algorithm>

#include "parse/json_address.hpp"

namespace postel::conformance {

namespace {

json party_of(const extended_domain& party) {
  return {{"name", value(party.name)}, {"tcp_info", value(party.tcp_info)}};
}

json party_of(const trace_party& party) {
  return {{"name", value(party.name)}, {"info", value(party.info)}};
}

} // namespace

json value(const received& field) {
  return {{"from", party_of(field.from)},
          {"by", party_of(field.by)},
          {"via", value(field.via)},
          {"with", value(field.with)},
          {"id", value(field.id)},
          {"for", value(field.for_path)},
          {"additional", value(field.additional)},
          {"date", value(field.date)}};
}

json value(const trace_clauses& field) {
  json passed_over = json::array();
  for (std::size_t i = 0; i < std::min(field.passed_over_count, field.passed_over.size()); ++i)
    passed_over.push_back(value(field.passed_over[i]));
  return {{"from", party_of(field.from)}, {"by", party_of(field.by)},   {"via", value(field.via)},
          {"with", value(field.with)},    {"id", value(field.id)},      {"for", value(field.for_path)},
          {"date", value(field.date)},    {"passed_over", passed_over}, {"passed_over_count", field.passed_over_count}};
}

} // namespace postel::conformance
