#include "queue.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "forward.hpp"
#include "report.hpp"

namespace relay {

namespace {

postel::delivery_plan plan_of(const options& rules) {
  postel::delivery_plan plan;
  plan.rules.protocol = rules.lmtp ? postel::service::lmtp : postel::service::smtp;
  plan.helo = rules.host;
  plan.starttls = postel::delivery_plan::tls::never;
  return plan;
}

// A message of which so many copies may have arrived is not sent once more: the sender is told.
constexpr unsigned most_doubtful = 5;

std::chrono::system_clock::duration age(std::string_view id) {
  return std::chrono::system_clock::now() - std::chrono::system_clock::time_point(std::chrono::seconds(arrival_of(id)));
}

// The pause after so many attempts: the first one, doubled each time, but no more than most.
std::chrono::milliseconds doubled(std::chrono::milliseconds first, unsigned attempts, std::chrono::milliseconds most) {
  auto interval = first;
  for (unsigned i = 1; i < attempts && interval < most; ++i) interval *= 2;
  return std::min(interval, std::max(first, most));
}

// The first line of a reply, for a log that a terminal may show: a server may have put anything into it.
std::string first_line(std::string_view text) {
  std::string line(text.substr(0, text.find('\n')));
  for (char& octet : line)
    if (octet < ' ' || octet > '~') octet = '?';
  return line;
}

std::string described(const postel::recipient_outcome& one) {
  std::string text = one.what == postel::outcome::delivered   ? "delivered"
                     : one.what == postel::outcome::refused   ? "refused"
                     : one.what == postel::outcome::temporary ? "put off"
                                                              : "unknown";
  if (one.code != 0) text.append(" ").append(std::to_string(one.code)).append(" ").append(first_line(one.text));
  if (one.error != postel::errc{}) text.append(" ").append(message(one.error));
  if (one.error == postel::errc::reply_code_mismatch) text.append(" ").append(one.text);
  return text;
}

} // namespace

void queue::add(std::string id) {
  waiting_.emplace(clock::now(), entry{.id = std::move(id)});
  pump();
}

bool queue::is_over(const entry& e) const {
  return age(e.id) >= all_.rules.give_up;
}

std::chrono::milliseconds queue::pause(unsigned attempts) const {
  return doubled(all_.rules.retry, attempts, all_.rules.retry_maximum);
}

void queue::pump() {
  while (!all_.stopping && !waiting_.empty() && active_ < all_.rules.deliveries) {
    const auto now = clock::now();
    const auto first = waiting_.begin();
    if (first->first > now) break;
    entry due = std::move(first->second);
    waiting_.erase(first);
    // Behind a closed door all wait for the same knock; those whose time is over have a last one of their own.
    if (now < closed_until_ && !is_over(due)) {
      waiting_.emplace(closed_until_, std::move(due));
      continue;
    }
    ++active_;
    asio::co_spawn(all_.context, attempt(std::move(due)), asio::detached);
  }
  if (all_.stopping || waiting_.empty() || active_ >= all_.rules.deliveries) return;
  timer_.expires_at(waiting_.begin()->first);
  timer_.async_wait([this](asio::error_code error) {
    if (!error) pump();
  });
}

void queue::try_later(entry e) {
  ++e.attempts;
  const auto longest = std::max(all_.rules.retry, all_.rules.retry_maximum);
  const auto when = clock::now() + (e.last_doubtful ? longest : pause(e.attempts));
  // The last attempt is when the time is over.
  const auto left = std::max<clock::duration>(all_.rules.give_up - age(e.id), std::chrono::milliseconds(1));
  const auto last = clock::now() + left;
  waiting_.emplace(is_over(e) ? when : std::min(when, last), std::move(e));
}

void queue::try_disk_later(entry e) {
  ++e.disk_attempts;
  const auto first = std::min<std::chrono::milliseconds>(all_.rules.retry, std::chrono::seconds(1));
  waiting_.emplace(clock::now() + doubled(first, e.disk_attempts, all_.rules.retry), std::move(e));
}

asio::awaitable<void> queue::attempt(entry due) {
  spool::problem problem;
  const auto message = all_.spool.load(due.id, problem);
  bool recorded = true;
  if (message && (!due.done.empty() || message->all_done())) {
    recorded = co_await on_disk(all_, [&] { return message->done_with(due.done); });
    if (recorded) due.done.clear();
  }
  if (!message && problem.for_good) {
    say("not sent: ", problem.why); // and left alone, for somebody to look at
  } else if (!message) {
    say("put off: ", problem.why);
    try_disk_later(std::move(due));
  } else if (!recorded) {
    say(due.id, ": the disk still refuses");
    try_disk_later(std::move(due));
  } else if (!message->all_done()) {
    std::vector<std::size_t> recipients;
    std::vector<postel::envelope::recipient> to;
    for (std::size_t i = 0; i < message->recipients().size(); ++i) {
      const stored::recipient& each = message->recipients()[i];
      if (each.done) continue;
      recipients.push_back(i);
      to.push_back({each.to, each.parameters});
    }
    const postel::delivery_plan plan = plan_of(all_.rules);
    const postel::envelope envelope{message->from(), message->parameters().text(), to};
    const std::string_view text[] = {message->message()};
    postel::delivery delivery(plan, envelope, text);
    // Before QUIT, which may take its time: a message that was handed over and is still in the spool is sent twice after a crash.
    const std::function<asio::awaitable<void>()> settled = [&] { return settle(*message, recipients, delivery, due); };
    const bool reached = co_await hand_over(all_, delivery, settled);
    closed_times_ = reached ? 0 : closed_times_ + 1;
    closed_until_ = reached ? clock::time_point() : clock::now() + pause(closed_times_);
    if (!message->all_done())
      try_later(std::move(due));
    else if (!due.done.empty())
      try_disk_later(std::move(due));
  }
  --active_;
  if (all_.stopping && active_ == 0) all_.ended();
  pump();
}

asio::awaitable<void> queue::settle(stored& message, const std::vector<std::size_t>& recipients,
                                    const postel::delivery& delivery, entry& due) {
  using postel::outcome;
  due.last_doubtful =
      std::ranges::any_of(delivery.outcomes(), [](const auto& one) { return one.what == outcome::unknown; });
  due.doubtful += due.last_doubtful ? 1 : 0;
  const bool expired = is_over(due);
  const bool relayed = !all_.rules.lmtp;
  const postel::extensions offered = delivery.session().offered();
  const bool reports_itself = offered.contains(postel::extension::dsn);
  const bool eight_bit = offered.contains(postel::extension::eight_bit_mime);
  std::vector<std::size_t> done, delivered_to;
  std::vector<report_line> lines;
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    const postel::recipient_outcome& one = delivery.outcomes()[i];
    const stored::recipient& recipient = message.recipients()[recipients[i]];
    std::string address;
    (void)append(address, recipient.to, postel::charset::utf8);
    const bool delivered = one.what == outcome::delivered;
    // A smarthost that turns us away says nothing of the message.
    const bool for_good = one.what == outcome::refused && !delivery.turned_away();
    say(message.id(), " to ", address, ": ", delivery.turned_away() ? "turned away, " : "", described(one));
    const bool too_often = one.what == outcome::unknown && due.doubtful >= most_doubtful;
    if (!delivered && !for_good && !expired && !too_often) continue;
    done.push_back(recipients[i]);
    if (delivered) delivered_to.push_back(recipients[i]);
    // RFC 3461 5.2.2: where the next server reports no success, we say how far we know.
    const action what = !delivered ? action::failed : relayed ? action::relayed : action::delivered;
    if (delivered && reports_itself) continue;
    if (wants_report(message, recipient, what))
      lines.push_back({&recipient, &one, what, !delivered && !for_good});
    else if (!delivered)
      say(message.id(), " to ", address, ": dropped, nobody is to be told");
  }
  std::optional<draft> report;
  const bool recorded = co_await on_disk(all_, [&] {
    if (!lines.empty()) {
      if (auto written = write_report(all_.spool, message, lines, {all_.rules.host, all_.rules.smarthost, eight_bit}))
        report.emplace(std::move(*written));
      if (!report || !report->commit()) {
        report.reset();
        // Nobody is given up without a report. But who has the message is done with, or he would have it twice.
        done = delivered_to;
      }
    }
    return message.done_with(done);
  });
  if (report) {
    say(report->id(), " reports on ", message.id());
    add(report->id());
  } else if (!lines.empty()) {
    say(message.id(), ": the disk refuses the report");
  }
  if (recorded) co_return;
  say(message.id(), ": the disk refuses");
  due.done = std::move(done);
}

} // namespace relay
