#include "allocations.hpp"

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define POSTEL_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POSTEL_ADDRESS_SANITIZER
#endif
#endif

namespace postel::fuzz {

namespace {

thread_local std::uint64_t count = 0; // libFuzzer has a thread of its own

} // namespace

std::uint64_t allocations() noexcept {
  return count;
}

} // namespace postel::fuzz

#if defined(POSTEL_ADDRESS_SANITIZER)

// A replaced operator new would take from the sanitizer what it knows of new and delete: it has a hook instead.
#include <sanitizer/allocator_interface.h>

namespace {

void allocated(const volatile void*, std::size_t) {
  ++postel::fuzz::count;
}
void released(const volatile void*) {}

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(allocated, released);

} // namespace

#else

#include <cstdlib>
#include <new>

void* operator new(std::size_t size) {
  ++postel::fuzz::count;
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

#endif
