// What an input of the target `pair` stands for: octets that choose the two sides and how they are connected, and the message.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "postel/delivery.hpp"
#include "postel/policy.hpp"

namespace postel::fuzz {

// The first octets, each a set of choices; absent ones are 0. They are kept together, so that a mutation of one changes one thing.
class pair_choices {
 public:
  static constexpr std::size_t size = 6;

  explicit pair_choices(std::string_view input) noexcept {
    const std::string_view head = input.substr(0, size);
    std::ranges::copy(head, octets_.begin());
    message = input.substr(head.size());
  }

  std::string_view message;

  // Octet 0 is what the server offers, 1 and 2 are the two sides.
  [[nodiscard]] policy rules() const {
    static constexpr extension offered[] = {extension::pipelining,
                                            extension::size,
                                            extension::eight_bit_mime,
                                            extension::smtputf8,
                                            extension::enhanced_status_codes,
                                            extension::chunking,
                                            extension::dsn,
                                            extension::limits};
    policy rules;
    rules.host = "mx.example";
    rules.protocol = protocol();
    rules.offer = {};
    for (unsigned i = 0; i < std::size(offered); ++i)
      if (bit(0, i)) rules.offer.insert(offered[i]);
    if (bit(1, 1)) rules.offer.insert(extension::starttls);
    if (bit(1, 4)) rules.offer.insert(extension::auth);
    rules.auth_in_clear = true;
    rules.limit.recipients = std::size_t{8} >> part(2, 5, 3);
    if (bit(2, 7)) rules.message_size = 64;
    rules.accept_nul = !bit(5, 6);
    rules.accept_undeclared_eight_bit = !bit(5, 5);
    rules.accept_illegal_pipelining = !bit(5, 7);
    return rules;
  }
  [[nodiscard]] delivery_plan plan() const {
    using tls = delivery_plan::tls;
    static constexpr tls wanted[] = {tls::if_offered, tls::never, tls::required, tls::required};
    delivery_plan plan;
    plan.rules.protocol = protocol();
    plan.rules.convert_line_ends = bit(1, 6);
    plan.rules.auth_in_clear = true;
    plan.helo = bit(5, 4) ? "[192.0.2.1]" : "client.example";
    plan.starttls = wanted[part(1, 2, 3)];
    plan.authenticate = bit(1, 5);
    plan.chunking = !bit(1, 7);
    plan.recipients = std::size_t{8} >> part(2, 3, 3);
    return plan;
  }
  [[nodiscard]] path sender() const noexcept {
    static constexpr path senders[] = {
        {{}, "ann", "client.example"}, {}, {{}, "\"an n\"", "[192.0.2.1]"}, {{}, "\xC3\xA4", "client.example"}};
    return senders[part(5, 0, 3)];
  }
  [[nodiscard]] std::size_t recipients() const noexcept { return part(2, 0, 7); }
  [[nodiscard]] path recipient(std::size_t index) const noexcept {
    static constexpr std::array<std::string_view, 8> names = {"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"};
    static constexpr std::string_view utf8_name = "\xC3\xBC";
    return {{}, index == 1 && bit(5, 3) ? utf8_name : names[index], "mx.example"};
  }
  [[nodiscard]] bool wants_dsn() const noexcept { return bit(5, 2); }
  // Octets in both directions, then the connection is gone; 0 for never.
  [[nodiscard]] std::size_t lost_after() const noexcept { return std::size_t{octets_[3]} * 5; }
  // Where answers and reads come from. 0: everything is accepted, in reads as large as they can be.
  [[nodiscard]] std::uint64_t seed() const noexcept { return octets_[4]; }

 private:
  [[nodiscard]] bool bit(std::size_t octet, unsigned which) const noexcept {
    return (octets_[octet] >> which & 1U) != 0;
  }
  [[nodiscard]] unsigned part(std::size_t octet, unsigned from, unsigned mask) const noexcept {
    return octets_[octet] >> from & mask;
  }
  [[nodiscard]] service protocol() const noexcept { return bit(1, 0) ? service::lmtp : service::smtp; }

  std::array<std::uint8_t, size> octets_{};
};

} // namespace postel::fuzz
