// A program outside the project, as a consumer would write it.
#include <postel/postel.hpp>

#ifdef CONSUMER_USES_GRAMMAR
#include <postel/grammar/address.hpp>
#endif

int main() {
#ifdef CONSUMER_USES_GRAMMAR
  postel::grammar::peg::memory_input<> in("ann@example.org", "consumer");
  if (!postel::grammar::peg::parse<postel::grammar::mailbox<postel::grammar::ascii>>(in)) return 2;
#endif
  return postel::parse_command("NOOP").has_value() ? 0 : 1;
}
