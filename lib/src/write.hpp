// The spelling of addresses, unchecked: only for the writers that check what they wrote.
#pragma once

#include <string>

#include "postel/address.hpp"

namespace postel::detail {

inline void write(std::string& out, const mailbox& value) {
  out += value.local_part;
  out += '@';
  out += value.domain;
}

inline void write(std::string& out, const path& value) {
  out += '<';
  if (!value.source_route.empty()) {
    out += value.source_route;
    out += ':';
  }
  out += value.local_part;
  if (!value.domain.empty()) {
    out += '@';
    out += value.domain;
  }
  out += '>';
}

} // namespace postel::detail
