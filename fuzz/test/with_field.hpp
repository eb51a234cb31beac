// One field of a policy or a plan, said otherwise to what is under test than to its oracle.
#pragma once

namespace postel::fuzz {

template <auto Field, auto Value>
struct with_field {
  template <typename Rules>
  Rules operator()(Rules rules) const {
    rules.*Field = Value;
    return rules;
  }
};

} // namespace postel::fuzz
