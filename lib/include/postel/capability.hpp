// What an EHLO response offers, keyword by keyword, with the parameters read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "extension.hpp"
#include "parameter_value.hpp"
#include "reply.hpp"

namespace [[gnu::visibility("default")]] postel {

// The items of a list that a keyword announces, in order. Splits while iterating: an item that its RFC does not allow is passed over, and takes no
// other with it; so is any number of spaces and controls between items. A view.
class announced_list {
 public:
  enum class kind : std::uint8_t {
    words,                 // ehlo-param *( SP ehlo-param )          RFC 5321 4.1.1.1
    mechanisms,            // sasl-mech *( SP sasl-mech )            RFC 4954 3
    solicitation_keywords, // word 0*("," word)                      RFC 3865 2
  };

  class iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    iterator() = default;
    iterator(kind items, std::string_view rest) noexcept : rest_(rest), items_(items) { ++*this; }

    std::string_view operator*() const noexcept { return item_; }
    iterator& operator++() noexcept;
    iterator operator++(int) noexcept {
      const iterator old = *this;
      ++*this;
      return old;
    }
    friend bool operator==(const iterator& a, std::default_sentinel_t) noexcept { return a.item_.empty(); }

   private:
    std::string_view item_; // no item is empty
    std::string_view rest_;
    kind items_ = kind::words;
  };

  announced_list() = default;
  announced_list(kind items, std::string_view text) noexcept : text_(text), items_(items) {}
  [[nodiscard]] iterator begin() const noexcept { return {items_, text_}; }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }
  [[nodiscard]] bool empty() const noexcept { return begin() == end(); }
  // As the server wrote it.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
  kind items_ = kind::words;
};

// LIMITS, RFC 9422: the three registered limits; nothing where one is not announced.
struct announced_limits {
  std::optional<std::uint64_t> mail_max;        // transactions in a session
  std::optional<std::uint64_t> rcpt_max;        // RCPT commands in a transaction
  std::optional<std::uint64_t> rcpt_domain_max; // different domains in a session (RFC 9422 4.3)

  friend bool operator==(const announced_limits&, const announced_limits&) = default;
};

// FUTURERELEASE, RFC 4865 3.
struct future_release {
  std::uint32_t max_interval; // seconds
  date_time max_date_time;

  friend bool operator==(const future_release&, const future_release&) = default;
};

// Everything registered that a response offers. Views are into the response. A parameter that its RFC does not allow counts as absent, and of
// a list only that item; the keyword itself still counts.
struct capabilities {
  extensions offered;
  std::optional<std::uint64_t> size; // SIZE's limit in octets; nothing if there is none (RFC 1870 4: 0 is none)
  announced_list auth_mechanisms;    // AUTH's
  // Of a line "AUTH=...", which is no offer of AUTH: see client_policy::old_auth_form.
  announced_list old_auth_mechanisms;
  std::optional<std::uint32_t> deliver_by_min; // DELIVERBY's, in seconds
  std::optional<future_release> future;        // FUTURERELEASE's
  std::string_view mt_priority_profile;        // MT-PRIORITY's
  announced_limits limits;                     // LIMITS'
  announced_list burl;                         // BURL's
  announced_list xclient;                      // XCLIENT's attributes (Postfix's)
  announced_list xforward;                     // XFORWARD's, likewise
  announced_list solicitation_keywords;        // NO-SOLICITING's

  // Whether the mechanism is among those of AUTH, in any case.
  [[nodiscard]] bool has_mechanism(std::string_view mechanism) const noexcept;
};

// What the lines of an EHLO or LHLO response offer, as read_ehlo_line() reads them; the first line, the server's name, is passed over. Keywords
// that are not registered stay readable through ehlo_response::find() and reply_view::lines().
[[nodiscard]] capabilities capabilities_of(const reply_view& response) noexcept;

} // namespace postel
