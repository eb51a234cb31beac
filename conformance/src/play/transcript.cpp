#include "play/transcript.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "text/escape.hpp"

namespace postel::conformance {

void transcript::client(std::string_view octets, std::size_t separately) {
  if (separately != separately_ && length_ > 0) end_client_line(false);
  separately_ = separately;
  for (const char octet : octets) {
    ++length_;
    if (line_.size() < longest_line + 2) line_ += octet; // two more than are shown: they may be the CRLF
    if (octet == '\n' && after_cr_)
      end_client_line(true);
    else
      after_cr_ = octet == '\r';
  }
}

void transcript::end_client_line(bool with_crlf) {
  const std::size_t text = with_crlf ? length_ - 2 : length_;
  if (++run_ <= longest_run) {
    const std::string mark = separately_ == 0 ? "C" : fmt::format("C/{}", separately_);
    add(mark, std::string_view(line_).substr(0, std::min(text, longest_line)), text, with_crlf ? "" : " (no CRLF)");
  } else {
    run_octets_ += length_;
  }
  line_.clear();
  length_ = 0;
  after_cr_ = false;
}

void transcript::end_client_turn() {
  if (length_ > 0) end_client_line(false);
  if (run_ > longest_run)
    lines_.push_back(fmt::format("C: ({} more lines, {} octets)", run_ - longest_run, run_octets_));
  run_ = run_octets_ = 0;
}

void transcript::server(const observation& seen) {
  end_client_turn();
  std::string_view rest = seen.octets;
  std::size_t shown = 0;
  while (!rest.empty() && shown < longest_run) {
    const std::size_t feed = rest.find('\n');
    const std::size_t end = feed == std::string_view::npos ? rest.size() : feed + 1;
    std::string_view line = rest.substr(0, end);
    const bool crlf = line.ends_with("\r\n");
    if (crlf) line.remove_suffix(2);
    add("S", line.substr(0, longest_line), line.size(), crlf ? "" : " (no CRLF)");
    rest.remove_prefix(end);
    ++shown;
  }
  if (!rest.empty())
    lines_.push_back(
        fmt::format("S: ({} more lines, {} octets)", std::count(rest.begin(), rest.end(), '\n'), rest.size()));
  if (!seen.deviation.empty()) lines_.push_back(fmt::format("S: ({})", seen.deviation));
  if (seen.what != observation::kind::reply) lines_.push_back(fmt::format("S: ({})", seen.text()));
}

void transcript::remark(std::string_view text) {
  end_client_turn();
  lines_.push_back(fmt::format("   ({})", text));
}

const std::vector<std::string>& transcript::lines() {
  end_client_turn();
  return lines_;
}

void transcript::add(std::string_view mark, std::string_view octets, std::size_t length, std::string_view suffix) {
  const std::string more = length > octets.size() ? fmt::format("... ({} octets)", length) : "";
  lines_.push_back(fmt::format("{}: {}{}{}", mark, escape(octets), more, suffix));
}

} // namespace postel::conformance
