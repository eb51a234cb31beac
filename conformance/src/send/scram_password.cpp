#include "send/scram_password.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>

namespace postel::conformance {

namespace {

// HMAC with one key, again and again.
class keyed_hash {
 public:
  keyed_hash(const char* hash, std::string_view key) : mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)) {
    context_.reset(EVP_MAC_CTX_new(mac_.get()));
    std::string name(hash);
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
                                     OSSL_PARAM_construct_end()};
    ready_ = context_ && EVP_MAC_init(context_.get(), octets(key), key.size(), parameters) == 1;
  }

  // result: the MAC of text; false where there is no such hash.
  bool of(std::string_view text, std::string& result) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> block{};
    std::size_t size = 0;
    if (!ready_ || EVP_MAC_init(context_.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(context_.get(), octets(text), text.size()) != 1 ||
        EVP_MAC_final(context_.get(), block.data(), &size, block.size()) != 1)
      return false;
    result.assign(reinterpret_cast<const char*>(block.data()), size);
    return true;
  }

 private:
  static const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  }
  struct freed {
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  std::unique_ptr<EVP_MAC, freed> mac_;
  std::unique_ptr<EVP_MAC_CTX, freed> context_;
  bool ready_ = false;
};

} // namespace

std::variant<std::string, scram_refusal> scram_password(const char* hash, std::string_view password,
                                                        std::string_view salt, std::uint64_t iterations,
                                                        std::chrono::steady_clock::time_point until) {
  if (iterations < least_scram_iterations)
    return scram_refusal{
        fmt::format("the server asks for {} iterations of the hash, which is less than {} (RFC 7677 4)", iterations,
                    least_scram_iterations)};
  if (iterations > most_scram_iterations)
    return scram_refusal{fmt::format("the server asks for {} iterations of the hash, which is more than {}", iterations,
                                     most_scram_iterations)};
  constexpr std::uint64_t slice = 4096; // between looks at the clock
  keyed_hash key(hash, password);
  std::string one(salt), all; // U1, U2 ... and what they come to
  one += std::string("\0\0\0\1", 4);
  for (std::uint64_t i = 0; i < iterations; ++i) {
    if (i % slice == 0 && std::chrono::steady_clock::now() >= until)
      return scram_refusal{fmt::format("the time was over before {} iterations of the hash were", iterations)};
    if (!key.of(one, one)) return scram_refusal{fmt::format("there is no {}", hash)};
    if (i == 0)
      all = one;
    else
      for (std::size_t at = 0; at < all.size(); ++at) all[at] = static_cast<char>(all[at] ^ one[at]);
  }
  return all;
}

} // namespace postel::conformance
