// The event that both sides of a session have.
#pragma once

namespace postel::event {

// Nothing is left to do with the octets that are there: read more, and call next() again.
struct need_more {};

} // namespace postel::event
