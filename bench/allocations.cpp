#include "allocations.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::uint64_t count = 0;

} // namespace

namespace postel::bench {

std::uint64_t allocations() noexcept {
  return count;
}

} // namespace postel::bench

void* operator new(std::size_t size) {
  ++count;
  void* const octets = std::malloc(size == 0 ? 1 : size);
  if (octets == nullptr) std::abort();
  return octets;
}
void operator delete(void* octets) noexcept {
  std::free(octets);
}
void operator delete(void* octets, std::size_t) noexcept {
  std::free(octets);
}
