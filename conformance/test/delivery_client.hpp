// The library's own client as the client under test: a delivery in memory.
#pragma once

#include <memory>

#include "memory_transport.hpp"
#include "play/tested_client.hpp"

namespace postel::conformance {

class delivery_client : public tested_client {
 public:
  // how: how what we write reaches it; kind::at is no way of its own here.
  explicit delivery_client(cut how = {});
  ~delivery_client() override;

  [[nodiscard]] std::optional<std::string> missing(const test_case& the_case) const override;
  std::variant<std::unique_ptr<client_wire>, target::refusal> start(const test_case& the_case,
                                                                    milliseconds within) override;
  client_conclusion finish(milliseconds within) override;
  [[nodiscard]] bool came_again() const override { return false; } // a delivery is one connection's

 private:
  struct state;
  class wire;
  cut cut_;
  std::unique_ptr<state> state_; // of the case under way
};

} // namespace postel::conformance
