#include "play/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <postel/parameter_value.hpp>
#include <postel/reply.hpp>
#include <utility>

#include "play/preflight.hpp"
#include "play/reply_deviation.hpp"
#include "play/server_peer.hpp"
#include "text/escape.hpp"

namespace postel::conformance {

namespace {

// Nothing if the reply is no 250. What its lines have that ehlo-line has not is noted, and hides nothing.
std::optional<offer> offer_of(observation response, std::vector<observation>& deviations) {
  if (response.what != observation::kind::reply || response.code != 250) return std::nullopt;
  offer lines;
  if (const auto reply = read_reply(response.octets)) {
    for (auto line = std::next(reply->lines().begin()); line != reply->lines().end(); ++line)
      if (auto words = offered_line(*line)) lines.push_back(*std::move(words));
    response.deviation = deviation_of_offer(*reply);
    if (!response.deviation.empty()) deviations.push_back(std::move(response));
  }
  return lines;
}

void probe_tls(server_peer& talk, std::string_view hello, probed& result) {
  talk.say("STARTTLS\r\n");
  const observation ready = talk.observe(false);
  if (ready.what != observation::kind::reply || ready.code != 220) {
    result.why_no_tls = fmt::format("the target answers {} to STARTTLS", ready.text());
    return;
  }
  const observation secured = talk.secure();
  if (secured.what != observation::kind::tls) {
    result.why_no_tls = fmt::format("the target makes no handshake after STARTTLS: {}", secured.why);
    return;
  }
  talk.say(hello);
  result.offered_in_tls = offer_of(talk.observe(false), result.deviations);
  if (!result.offered_in_tls) result.why_no_tls = "the target does not accept EHLO after STARTTLS";
}

std::string wrong_greeting(const observation& greeting) {
  if (greeting.what == observation::kind::reply && greeting.code == 421)
    return fmt::format("the target limits connections: {}",
                       escape(greeting.octets.substr(0, greeting.octets.find('\r'))));
  const std::string_view other = other_protocol(greeting.octets);
  return fmt::format("its greeting is not 220: {}{}{}", greeting.text(), other.empty() ? "" : "; it speaks ", other);
}

// A server of SMTP refuses LHLO, one of LMTP refuses EHLO (RFC 2033 4.1).
void probe_other_hello(server_peer& talk, const environment& values, probed& result) {
  const bool lmtp = values.protocol() == service::lmtp;
  talk.say(fmt::format("{} client.example\r\n", lmtp ? "EHLO" : "LHLO"));
  if (std::vector<observation> ignored; !offer_of(talk.observe(false), ignored)) return;
  result.untestable = lmtp ? "it speaks SMTP, not LMTP: it refuses LHLO and takes EHLO; leave --lmtp out"
                           : "it speaks LMTP, not SMTP: it refuses EHLO and takes LHLO; try --lmtp";
}

} // namespace

probed probe(transport& wire, const patience& waits, const environment& values) {
  probed result;
  server_peer talk(wire, waits);
  const observation greeting = talk.observe(false);
  if (greeting.what != observation::kind::reply || greeting.code != 220) {
    switch (greeting.what) {
      case observation::kind::closed: result.untestable = "it closes the connection at once"; break;
      case observation::kind::silence:
        result.untestable = fmt::format("no greeting within {} ms", waits.reply.count());
        result.silent = true;
        break;
      default: result.untestable = wrong_greeting(greeting);
    }
    result.transcript = talk.log().lines();
    return result;
  }
  const std::string hello = *values.get(variable::hello) + " client.example\r\n";
  talk.say(hello);
  const observation greeted = talk.observe(false);
  result.offered = offer_of(greeted, result.deviations);
  if (greeted.what == observation::kind::reply && greeted.code / 100 == 5) probe_other_hello(talk, values, result);
  if (is_offered(result.offered, "STARTTLS")) probe_tls(talk, hello, result);
  if (values.always_tls() && !result.offered_in_tls && !result.untestable)
    result.untestable = result.why_no_tls.empty() ? "it does not offer STARTTLS" : result.why_no_tls;
  result.starttls_offered = talk.starttls_offered();
  talk.say("QUIT\r\n");
  const auto asked = std::chrono::steady_clock::now();
  if (talk.observe(false).what == observation::kind::reply)
    result.latency = std::chrono::ceil<milliseconds>(std::chrono::steady_clock::now() - asked);
  result.transcript = talk.log().lines();
  // What a response to EHLO has against its own grammar tells more.
  const std::vector<observation> offers = std::exchange(result.deviations, {});
  const std::vector<observation> all = talk.deviations();
  std::copy_if(all.begin(), all.end(), std::back_inserter(result.deviations), [&](const observation& each) {
    return std::none_of(offers.begin(), offers.end(),
                        [&](const observation& one) { return one.octets == each.octets; });
  });
  result.deviations.insert(result.deviations.end(), offers.begin(), offers.end());
  return result;
}

void probed::tell(environment& values) const {
  values.set_offered(offered);
  if (starttls_offered) values.set_starttls_offered();
  values.set_offered_in_tls(offered_in_tls, why_no_tls);
  for (const auto& lines : {offered, offered_in_tls}) {
    for (const std::string& each : lines.value_or(offer())) {
      const auto line = read_ehlo_line(each);
      if (!line) continue;
      if (const auto limit = parse_size_value(line->params);
          limit && *limit > 0 && equal_ignoring_case(line->keyword, "SIZE"))
        values.set(variable::size, std::string(line->params));
      if (equal_ignoring_case(line->keyword, "FUTURERELEASE"))
        values.set(variable::hold_for, std::string(line->params.substr(0, line->params.find(' '))));
    }
  }
}

} // namespace postel::conformance
