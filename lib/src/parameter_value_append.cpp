#include "append.hpp"
#include "decimal.hpp"
#include "postel/parameter_value.hpp"

namespace postel {

namespace {

using detail::decimal;

void write_padded(std::string& out, unsigned number, unsigned digits) {
  for (unsigned power = digits == 4 ? 1000 : 10; power != 0; power /= 10)
    out += static_cast<char>('0' + number / power % 10);
}

void write(std::string& out, const date_time& value) {
  const auto part = [&](char before, unsigned number, unsigned digits = 2) {
    if (before != '\0') out += before;
    write_padded(out, number, digits);
  };
  part('\0', value.year, 4);
  part('-', value.month);
  part('-', value.day);
  part('T', value.hour);
  part(':', value.minute);
  part(':', value.second);
  if (!value.fraction.empty()) out.append(".").append(value.fraction);
  if (value.offset_minutes == 0) {
    out += 'Z';
    return;
  }
  const int minutes = value.offset_minutes;
  const auto away = static_cast<unsigned>(minutes < 0 ? -minutes : minutes);
  part(minutes < 0 ? '-' : '+', away / 60);
  part(':', away % 60);
}

// Writes with write(out), reads with parse(text).
template <typename T, typename Write>
result<std::size_t> checked(std::string& out, const T& value, result<T> (*parse)(std::string_view) noexcept,
                            Write write_it) {
  return detail::append_checked(out, value, write_it, parse);
}

} // namespace

result<std::size_t> append(std::string& out, body_value value) {
  return checked(out, value, parse_body_value, [&] {
    out += value == body_value::seven_bit ? "7BIT" : value == body_value::eight_bit_mime ? "8BITMIME" : "BINARYMIME";
  });
}

result<std::size_t> append(std::string& out, ret_value value) {
  return checked(out, value, parse_ret_value, [&] { out += value == ret_value::full ? "FULL" : "HDRS"; });
}

result<std::size_t> append(std::string& out, const notify_value& value) {
  return checked(out, value, parse_notify_value, [&] {
    if (value.never()) out += "NEVER";
    bool first = true;
    const auto element = [&](bool wanted, std::string_view name) {
      if (!wanted) return;
      if (!first) out += ',';
      out += name;
      first = false;
    };
    element(value.success, "SUCCESS");
    element(value.failure, "FAILURE");
    element(value.delay, "DELAY");
  });
}

result<std::size_t> append(std::string& out, const orcpt_value& value, charset octets) {
  return detail::append_checked(
      out, value, [&] { out.append(value.address_type).append(";").append(value.address); },
      [&](std::string_view text) { return parse_orcpt_value(text, octets); });
}

result<std::size_t> append(std::string& out, const by_value& value) {
  return checked(out, value, parse_by_value, [&] {
    out += decimal(value.seconds).view();
    out += value.mode == by_mode::return_message ? ";R" : ";N";
    if (value.trace) out += 'T';
  });
}

result<std::size_t> append(std::string& out, const date_time& value) {
  return checked(out, value, parse_date_time, [&] { write(out, value); });
}

result<std::size_t> append(std::string& out, const rrvs_value& value) {
  return checked(out, value, parse_rrvs_value, [&] {
    write(out, value.since);
    out += value.action == rrvs_action::continue_delivery ? ";C" : ";R";
  });
}

result<std::size_t> append(std::string& out, const mtrk_value& value) {
  return checked(out, value, parse_mtrk_value, [&] {
    out += value.certifier;
    if (!value.timeout) return;
    out += ':';
    out += decimal(*value.timeout).view();
  });
}

result<std::size_t> append_size_value(std::string& out, std::uint64_t value) {
  return checked(out, value, parse_size_value, [&] { out += decimal(value).view(); });
}

result<std::size_t> append_holdfor_value(std::string& out, std::uint32_t value) {
  return checked(out, value, parse_holdfor_value, [&] { out += decimal(value).view(); });
}

result<std::size_t> append_mt_priority_value(std::string& out, std::int8_t value) {
  return checked(out, value, parse_mt_priority_value, [&] { out += decimal(static_cast<int>(value)).view(); });
}

} // namespace postel
