// The certificate of the built-in server.
#pragma once

#include <asio/ssl/context.hpp>

namespace postel::conformance {

// Gives the context a new key on P-256, and a certificate for localhost that it signs itself, good for a day around now. Throws
// std::system_error.
void use_self_signed_certificate(asio::ssl::context& context);

} // namespace postel::conformance
