#include "client_player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <postel/command.hpp>
#include <utility>

#include "auth_challenges.hpp"
#include "escape.hpp"
#include "transcript.hpp"

namespace postel::conformance {

bool matches(client_result wanted, client_conclusion::kind seen) noexcept {
  using kind = client_conclusion::kind;
  switch (wanted) {
    case client_result::delivered: return seen == kind::delivered;
    case client_result::failed: return seen == kind::failed || seen == kind::temporary || seen == kind::permanent;
    case client_result::temporary: return seen == kind::failed || seen == kind::temporary;
    case client_result::permanent: break;
  }
  return seen == kind::failed || seen == kind::permanent;
}

namespace {

using okind = client_observation::kind;
using akind = client_alternative::kind;
using ckind = client_condition::kind;

constexpr std::size_t longest_line = std::size_t{64} * 1024;
constexpr std::size_t longest_text = std::size_t{16} * 1024 * 1024;
constexpr std::size_t piece_size = std::size_t{16} * 1024;
constexpr unsigned most_lines = 5000; // that one until: answers

std::string shown(std::string_view octets) {
  constexpr std::size_t most = 60;
  if (octets.size() <= most) return escape(octets);
  return fmt::format("{}... ({} octets)", escape(octets.substr(0, most)), octets.size());
}

std::string verb_of_line(std::string_view line) {
  std::string verb(line.substr(0, line.find(' ')));
  std::transform(verb.begin(), verb.end(), verb.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return verb;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool contains(std::string_view text, std::string_view wanted) {
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

// Behind the first empty line.
std::string_view body_of(std::string_view text) {
  if (text.starts_with("\r\n")) return text.substr(2);
  const std::size_t end = text.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string_view() : text.substr(end + 4);
}

std::optional<std::size_t> bare_line_end(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool cr = text[at] == '\r';
    if (cr && at + 1 < text.size() && text[at + 1] == '\n')
      ++at;
    else if (cr || text[at] == '\n')
      return at;
  }
  return std::nullopt;
}

std::size_t without_added_dots(std::string_view text) {
  std::size_t dots = text.starts_with('.') ? 1 : 0;
  for (std::size_t at = text.find("\r\n."); at != std::string_view::npos; at = text.find("\r\n.", at + 3)) ++dots;
  return text.size() - dots;
}

std::optional<std::uint64_t> number_behind(std::string_view line, std::string_view mark) {
  const auto found = std::search(line.begin(), line.end(), mark.begin(), mark.end(),
                                 [](char a, char b) { return lower(a) == lower(b); });
  if (found == line.end()) return std::nullopt;
  const std::string_view digits = line.substr(static_cast<std::size_t>(found - line.begin()) + mark.size());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end == digits.data()) return std::nullopt;
  return value;
}

} // namespace

std::string client_observation::text() const {
  switch (what) {
    case kind::line: return shown(octets);
    case kind::text: return fmt::format("a text of {} octets", octets.size());
    case kind::chunk: return fmt::format("a chunk of {} octets", octets.size());
    case kind::handshake: return "a TLS handshake";
    case kind::closed: return "closed";
    case kind::silence: return "silence";
    case kind::malformed: break;
  }
  return why;
}

bool matches(const client_alternative& wanted, const client_observation& seen) noexcept {
  switch (wanted.what) {
    case akind::verb: return seen.what == okind::line && seen.verb == wanted.verb;
    case akind::any: return seen.what == okind::line;
    case akind::text: return seen.what == okind::text;
    case akind::chunk: return seen.what == okind::chunk;
    case akind::handshake: return seen.what == okind::handshake;
    case akind::closed: return seen.what == okind::closed;
    case akind::silence: break;
  }
  return seen.what == okind::silence;
}

bool matches(const std::vector<client_alternative>& wanted, const client_observation& seen) noexcept {
  return std::any_of(wanted.begin(), wanted.end(), [&](const auto& each) { return matches(each, seen); });
}

namespace {

class client_player {
 public:
  client_player(const client_case& the_case, tested_client& client, const patience& waits)
      : case_(the_case), client_(client), waits_(waits) {}

  client_outcome play() {
    auto started = client_.start(case_, waits_.start);
    end_ = clock::now() + waits_.total();
    if (const auto* refused = std::get_if<target::refusal>(&started)) {
      stop(verdict::error, refused->why);
      result_.played.unanswered = true;
      return std::move(result_);
    }
    wire_ = std::get<std::unique_ptr<client_wire>>(std::move(started));
    if (run(case_.steps)) conclude();
    flush();
    if (!ended_) {
      hang_up();
      note_end(client_.finish(waits_.quiet));
    }
    result_.played.transcript = log_.lines();
    return std::move(result_);
  }

 private:
  using clock = std::chrono::steady_clock;

  bool run(const std::vector<client_step>& steps) {
    return std::all_of(steps.begin(), steps.end(), [this](const client_step& each) {
      return std::visit([&](const auto& s) { return step(s); }, each.what);
    });
  }

  // ---- what we do

  bool step(const say& what) {
    if (what.write_size != 0) flush();
    for (const text_item& item : what.text) {
      if (const auto* octets = std::get_if<std::string>(&item)) {
        unsent_ += *octets;
      } else if (const auto* repeated = std::get_if<repetition>(&item)) {
        for (std::uint32_t i = 0; i < repeated->times && wire_; ++i) {
          unsent_ += repeated->octets;
          if (unsent_.size() >= piece_size && what.write_size == 0) flush();
          if (unsent_.size() >= longest_text) break;
        }
      }
    }
    if (what.write_size != 0) {
      const std::string octets = std::exchange(unsent_, {});
      for (std::size_t at = 0; at < octets.size(); at += what.write_size) {
        unsent_ = octets.substr(at, what.write_size);
        flush();
        if (wire_) wire_->settle();
      }
    }
    return in_time();
  }

  void answer(std::string_view line) {
    unsent_ += line;
    flush();
  }

  void flush() {
    if (unsent_.empty()) return;
    unanswered_.clear();
    observation said;
    said.what = observation::kind::reply;
    said.octets = std::exchange(unsent_, {});
    log_.server(said);
    // A client that closes, or takes no more, is seen to do so where that is looked for.
    if (wire_ && !stalled_) stalled_ = wire_->send(said.octets, left()) == transport::sent::stalled;
  }

  bool step(const client_hang_up&) {
    flush();
    hang_up();
    log_.remark("we close the connection");
    return true;
  }
  void hang_up() {
    wire_.reset();
    inbox_.clear();
  }

  bool step(const client_handshake& what) {
    flush();
    if (!wire_) return stop(verdict::error, "no connection to make a TLS handshake on");
    const auto failed = wire_->accept_tls(std::exchange(inbox_, {}), left());
    if (failed && !what.may_fail) return stop(verdict::error, fmt::format("set-up: no TLS: {}", *failed));
    log_.remark(failed ? "no TLS: " + *failed : "TLS");
    if (failed) hang_up();
    return true;
  }

  bool step(const client_skip& why) {
    stop(verdict::skipped, why.why);
    return false;
  }

  bool step(const client_branch& either) {
    return run(matches(either.pattern, last_) ? either.then : either.otherwise);
  }

  bool step(const client_until& until) {
    for (unsigned i = 0; i < most_lines; ++i) {
      last_ = observe(until.what);
      if (!in_time()) return false;
      const bool there = matches(until.what.alternatives, last_);
      const bool passes =
          last_.what == okind::line && (last_.verb == "MAIL" || last_.verb == "RCPT" || last_.verb == "AUTH" ||
                                        last_.verb == "RSET" || last_.verb == "NOOP");
      if (there || !passes) {
        result_.checks.push_back({&until.what, nullptr, last_.text(), there});
        if (there) return true;
        return stop(verdict::error, fmt::format("set-up: expected {}, got {}", until.what.text, last_.text()));
      }
      if (last_.verb != "AUTH")
        answer("250 OK\r\n");
      else if (!authenticate(last_.octets))
        return false;
    }
    return stop(verdict::error, "set-up: the client does not come to an end");
  }

  // Lets the exchange succeed.
  bool authenticate(const std::string& command) {
    const auto challenges = auth_challenges(command);
    if (!challenges) {
      answer("504 not offered\r\n");
      return true;
    }
    for (const std::string& each : *challenges) {
      answer("334 " + each + "\r\n");
      client_expectation response;
      response.alternatives = {{akind::any, {}}};
      const client_observation seen = observe(response);
      if (!in_time()) return false;
      if (seen.what == okind::line) continue;
      return stop(verdict::error, fmt::format("set-up: expected a response, got {}", seen.text()));
    }
    answer("235 authenticated\r\n");
    return true;
  }

  // ---- what the client does

  bool step(const client_expectation& expected) {
    last_ = observe(expected);
    if (!in_time()) return false;
    const auto wrong = fault(expected);
    result_.checks.push_back({&expected, nullptr, last_.text(), !wrong});
    if (!wrong) return true;
    return violated(expected.judged, expected.text, *wrong);
  }

  bool step(const client_result_expected& expected) {
    finish_dialogue();
    const client_conclusion end = client_.finish(std::min(2 * waits_.reply, std::max(left(), milliseconds(1))));
    ended_ = true;
    note_end(end);
    const bool again = expected.once && client_.came_again();
    const bool held = !again && std::any_of(expected.alternatives.begin(), expected.alternatives.end(),
                                            [&](client_result each) { return matches(each, end.what); });
    const std::string seen = again ? "a second connection" : end.text;
    result_.checks.push_back({nullptr, &expected, seen, held});
    if (held) return true;
    return violated(expected.judged, expected.text, seen);
  }

  void note_end(const client_conclusion& end) {
    log_.remark("the client: " + end.text);
    for (const std::string& each : end.output) log_.remark(each);
  }

  // Lets the client say what it still has to say, and answers what has no answer yet.
  void finish_dialogue() {
    flush();
    for (unsigned i = 0; i < 100 && wire_ && !out_of_time(); ++i) {
      if (const std::string verb = std::exchange(unanswered_, {}); verb == "QUIT") {
        answer("221 closing\r\n");
        break;
      } else if (!verb.empty()) {
        if (verb == "BDAT" && !read_octets(std::exchange(chunk_, 0))) break;
        answer(verb == "RSET" || verb == "NOOP" ? "250 OK\r\n" : "503 not now\r\n");
      }
      client_expectation anything;
      anything.alternatives = {{akind::any, {}}};
      if (observe(anything).what != okind::line) break;
    }
    hang_up();
  }

  client_observation observe(const client_expectation& expected) {
    flush();
    const auto wants = [&](akind what) {
      return std::any_of(expected.alternatives.begin(), expected.alternatives.end(),
                         [&](const client_alternative& each) { return each.what == what; });
    };
    const milliseconds patient = std::min(wants(akind::silence) ? waits_.quiet : waits_.reply, left());
    client_observation seen = wants(akind::text)    ? observe_text(patient)
                              : wants(akind::chunk) ? observe_chunk(patient)
                                                    : observe_line(patient);
    if (seen.what == okind::closed) log_.remark("the client closes the connection");
    if (seen.what == okind::silence) log_.remark("silence");
    const bool alone = std::any_of(expected.conditions.begin(), expected.conditions.end(),
                                   [](const client_condition& each) { return each.what == ckind::alone; });
    if (alone && seen.what != okind::closed && seen.what != okind::silence) {
      if (inbox_.empty()) receive(waits_.quiet);
      seen.followed = !inbox_.empty();
      if (seen.followed) log_.client(inbox_);
      if (seen.followed) inbox_.clear(); // it is in the transcript; the case ends here, unless nothing is accused
    }
    if (seen.what == okind::line && seen.verb == "MAIL") {
      declared_ = number_behind(seen.octets, " SIZE=");
      binary_ = contains(seen.octets, " BODY=BINARYMIME");
    }
    if (seen.what == okind::line) unanswered_ = seen.verb;
    if (seen.what == okind::line && seen.verb == "BDAT") chunk_ = number_behind(seen.octets, "BDAT ").value_or(0);
    return seen;
  }

  transport::received receive(milliseconds within) {
    return wire_ ? wire_->receive(inbox_, within) : transport::received::closed;
  }
  // What stands for octets that do not come.
  static client_observation absent(transport::received how) {
    return {how == transport::received::closed ? okind::closed : okind::silence};
  }
  static client_observation malformed(std::string why) { return {okind::malformed, {}, {}, std::move(why)}; }
  std::string take(std::size_t octets) {
    std::string taken = inbox_.substr(0, octets);
    inbox_.erase(0, octets);
    log_.client(taken);
    return taken;
  }

  client_observation observe_line(milliseconds within) {
    const auto until = clock::now() + within;
    for (;;) {
      if (inbox_.starts_with('\x16')) return {okind::handshake};
      if (const std::size_t feed = inbox_.find('\n'); feed != std::string::npos) {
        std::string line = take(feed + 1);
        line.pop_back();
        if (!line.ends_with('\r')) return malformed(fmt::format("a line that ends with a bare LF ({})", shown(line)));
        line.pop_back();
        std::string verb = verb_of_line(line);
        return {okind::line, std::move(line), std::move(verb)};
      }
      if (inbox_.size() > longest_line) {
        take(inbox_.size());
        return malformed("a line of more than 64 KiB");
      }
      const auto how = receive(remaining(until));
      if (how == transport::received::octets) continue;
      if (inbox_.empty()) return absent(how);
      const std::string rest = take(inbox_.size());
      return malformed(fmt::format("a line without an end ({})", shown(rest)));
    }
  }

  client_observation observe_text(milliseconds within) {
    constexpr std::string_view end = "\r\n.\r\n";
    auto until = clock::now() + within;
    std::size_t searched = 0;
    for (;;) {
      if (inbox_.starts_with(".\r\n")) {
        take(3);
        return {okind::text};
      }
      const std::size_t found = inbox_.find(end, searched);
      if (found != std::string::npos) {
        std::string text = take(found + end.size());
        text.resize(found + 2);
        return {okind::text, std::move(text)};
      }
      searched = inbox_.size() - std::min(inbox_.size(), end.size() - 1);
      if (inbox_.size() > longest_text) {
        take(inbox_.size());
        return malformed("a text of more than 16 MiB");
      }
      const auto how = receive(remaining(until));
      if (how == transport::received::octets) {
        until =
            std::min(clock::now() + within, end_); // for each part of the text, as long as there is time for the case
        continue;
      }
      take(inbox_.size());
      return absent(how);
    }
  }

  bool read_octets(std::uint64_t wanted) {
    if (wanted > longest_text) return false;
    while (inbox_.size() < wanted)
      if (receive(std::min(waits_.reply, left())) != transport::received::octets) return false;
    take(wanted);
    return true;
  }
  client_observation observe_chunk(milliseconds within) {
    if (chunk_ > longest_text) return malformed("a chunk of more than 16 MiB");
    while (inbox_.size() < chunk_) {
      const auto how = receive(std::min(within, left()));
      if (how == transport::received::octets) continue;
      take(inbox_.size());
      return absent(how);
    }
    return {okind::chunk, take(std::exchange(chunk_, 0))};
  }

  // ---- what it means

  [[nodiscard]] std::optional<std::string> fault(const client_expectation& expected) const {
    if (!matches(expected.alternatives, last_)) return last_.text();
    // A client that closes, or says nothing, where it may, meets every condition.
    if (last_.what == okind::closed || last_.what == okind::silence || last_.what == okind::handshake)
      return std::nullopt;
    for (const client_condition& each : expected.conditions)
      if (auto wrong = fault(each)) return wrong;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::string> fault(const client_condition& wanted) const {
    const std::string_view octets = last_.octets;
    switch (wanted.what) {
      case ckind::containing:
        if (contains(octets, wanted.text)) return std::nullopt;
        return fmt::format("{} without \"{}\"", last_.text(), shown(wanted.text));
      case ckind::without:
        if (!contains(octets, wanted.text)) return std::nullopt;
        return fmt::format("{} with \"{}\"", last_.text(), shown(wanted.text));
      case ckind::equals:
        if (octets == wanted.text) return std::nullopt;
        return fmt::format("{} that is another", last_.text());
      case ckind::command:
        if (last_.what == okind::line && parse_command(octets, charset::utf8)) return std::nullopt;
        return fmt::format("{}, which is no command of the grammar", last_.text());
      case ckind::alone:
        if (!last_.followed) return std::nullopt;
        return fmt::format("{} and more behind it", last_.text());
      case ckind::body: {
        const std::string_view body = body_of(octets);
        if (body == wanted.text) return std::nullopt;
        const auto at = std::mismatch(body.begin(), body.end(), wanted.text.begin(), wanted.text.end()).first;
        return fmt::format("another body: of {} octets instead of {}, different from octet {}", body.size(),
                           wanted.text.size(), at - body.begin());
      }
      case ckind::ascii:
        if (std::all_of(octets.begin(), octets.end(), [](char c) { return static_cast<unsigned char>(c) < 128; }))
          return std::nullopt;
        return fmt::format("{} with octets above 127", last_.text());
      case ckind::crlf_only:
        if (const auto at = bare_line_end(octets))
          return fmt::format("{} with a bare {} at octet {}", last_.text(), octets[*at] == '\r' ? "CR" : "LF", *at);
        return std::nullopt;
      case ckind::at_most:
        if (octets.size() + 2 <= wanted.number) return std::nullopt;
        return fmt::format("a line of {} octets ({})", octets.size() + 2, last_.text());
      case ckind::declared:
        if (last_.verb != "DATA" || !binary_) return std::nullopt;
        return "DATA for a message that MAIL declared as BINARYMIME";
      case ckind::within_size: break;
    }
    const std::size_t size = last_.what == okind::text ? without_added_dots(octets) : octets.size();
    if (!declared_ || size <= *declared_) return std::nullopt;
    return fmt::format("{} octets where SIZE said {}", size, *declared_);
  }

  bool violated(bool judged, std::string_view expected, std::string_view got) {
    if (!judged) return stop(verdict::error, fmt::format("set-up: expected {}, got {}", expected, got));
    std::string reason = fmt::format("expected {}, got {}", expected, got);
    switch (case_.about.level) {
      case level::must: return stop(verdict::fail, std::move(reason));
      case level::should: return stop(verdict::warn, std::move(reason));
      case level::may:
      case level::note: break;
    }
    return stop(verdict::note, std::move(reason));
  }

  bool stop(verdict result, std::string reason) {
    result_.played.result = result;
    result_.played.reason = std::move(reason);
    return false;
  }

  void conclude() {
    if (case_.about.level != level::note) {
      stop(verdict::pass, {});
      return;
    }
    std::string seen;
    for (const client_checked& each : result_.checks) {
      const bool judged = each.expected != nullptr ? each.expected->judged : each.expected_end->judged;
      if (judged) seen += (seen.empty() ? "" : ", ") + each.seen;
    }
    stop(verdict::note, "observed " + seen);
  }

  [[nodiscard]] static milliseconds remaining(clock::time_point until) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(until - clock::now()));
  }
  [[nodiscard]] milliseconds left() const { return remaining(end_); }
  [[nodiscard]] bool out_of_time() const { return left() <= milliseconds(0); }
  bool in_time() {
    if (!out_of_time()) return true;
    return stop(verdict::error, fmt::format("it took longer than {} s", waits_.total().count() / 1000));
  }

  const client_case& case_;
  tested_client& client_;
  const patience& waits_;
  clock::time_point end_;
  std::unique_ptr<client_wire> wire_; // nothing once it is closed
  std::string unsent_;
  std::string inbox_;
  client_observation last_;
  std::optional<std::uint64_t> declared_; // by the last MAIL
  bool binary_ = false;                   // likewise
  std::uint64_t chunk_ = 0;               // by the last BDAT
  std::string unanswered_;                // the verb of a line that we have said nothing behind
  transcript log_;
  client_outcome result_;
  bool stalled_ = false;
  bool ended_ = false; // the client was asked how
};

} // namespace

client_outcome play(const client_case& the_case, tested_client& client, const patience& waits) {
  return client_player(the_case, client, waits).play();
}

} // namespace postel::conformance
