// The one header that includes PEGTL. PEGTL's contrib/ is off limits: contrib/integer.hpp of 3.2.7, and the IP rules of
// contrib/uri.hpp built on it, read past the end of a view (lib/test/pegtl_canary.cpp shows it).
#pragma once

#include <tao/pegtl.hpp>

namespace postel::grammar {

namespace peg = tao::pegtl;

} // namespace postel::grammar
