// What is tried once before the cases: whatever does not hold then would make them accuse a target that is good, or tell nothing at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "case/case.hpp"
#include "play/environment.hpp"
#include "play/outcome.hpp"
#include "play/transport.hpp"

namespace postel::conformance {

// Lets the target say whether it takes the user's name and password, the sender and the recipient, as far as the cases use them, and as they
// would come to use them: in clear, in TLS, behind AUTH. Tells values where the target takes mail in TLS only. Why the cases cannot be
// played, in words; nothing if they can.
[[nodiscard]] std::optional<std::string> refused_beforehand(const std::vector<test_case>& cases, target& peer,
                                                            environment& values, const patience& waits);

// Behind a 421 that a case did not expect: whether a plain transaction is turned away too, and with what words. Nothing if not.
[[nodiscard]] std::optional<std::string> turned_away(target& peer, environment& values, const patience& waits);

// What a target may be that connects and gives no greeting: "; try --tls", say. Empty if it says nothing by other ways either.
[[nodiscard]] std::string advice_on_silence(target& peer, const environment& values, const patience& waits);

// Which protocol begins so: "HTTP", "SSH", "IMAP", "POP3"; empty if none that is known.
[[nodiscard]] std::string_view other_protocol(std::string_view octets) noexcept;

} // namespace postel::conformance
