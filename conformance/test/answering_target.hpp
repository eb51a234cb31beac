// A target in memory whose connections answer each line by a function, whatever it is: lax where servers are strict. It keeps what it was
// told in clear, and in TLS, which is only said to be there.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "play/transport.hpp"

namespace postel::conformance::test {

class answering_target : public target {
 public:
  // What a connection knows when it answers a line (without its CRLF).
  struct line {
    std::string_view text;
    bool in_tls;
    unsigned connection; // counted from 1
    unsigned number;     // of the line on its connection, counted from 1
  };
  using answers = std::function<std::string(const line&)>;

  struct behaviour {
    answers answer;
    std::function<std::string(unsigned connection)> greeting = [](unsigned) { return "220 host.example\r\n"; };
    bool handshakes = true;
  };

  explicit answering_target(behaviour wanted) : wanted_(std::move(wanted)) {}

  std::variant<std::unique_ptr<transport>, refusal> connect(milliseconds) override {
    return std::make_unique<connection>(*this, ++connections_);
  }

  [[nodiscard]] const std::string& in_clear() const { return in_clear_; }
  [[nodiscard]] const std::string& in_tls() const { return in_tls_; }
  [[nodiscard]] unsigned connections() const { return connections_; }

 private:
  class connection : public transport {
   public:
    connection(answering_target& all, unsigned which) : all_(all), which_(which), out_(all.wanted_.greeting(which)) {}

    sent send(std::string_view octets, milliseconds) override {
      (tls_ ? all_.in_tls_ : all_.in_clear_) += octets;
      unread_ += octets;
      for (std::size_t feed = 0; (feed = unread_.find('\n')) != std::string::npos;) {
        std::string text = unread_.substr(0, feed);
        unread_.erase(0, feed + 1);
        if (text.ends_with('\r')) text.pop_back();
        out_ += all_.wanted_.answer({text, tls_, which_, ++lines_});
      }
      return sent::all;
    }
    received receive(std::string& inbox, milliseconds) override {
      if (out_.empty()) return received::nothing;
      inbox += std::exchange(out_, {});
      return received::octets;
    }
    std::optional<std::string> start_tls(milliseconds) override {
      if (!all_.wanted_.handshakes) return "no handshake";
      unread_.clear();
      out_.clear();
      tls_ = true;
      return std::nullopt;
    }

   private:
    answering_target& all_;
    const unsigned which_;
    unsigned lines_ = 0;
    std::string unread_;
    std::string out_;
    bool tls_ = false;
  };

  behaviour wanted_;
  std::string in_clear_;
  std::string in_tls_;
  unsigned connections_ = 0;
};

} // namespace postel::conformance::test
