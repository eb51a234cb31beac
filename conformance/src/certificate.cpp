#include "certificate.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <memory>
#include <system_error>

namespace postel::conformance {

namespace {

[[noreturn]] void fail() {
  throw std::system_error(std::error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()),
                          "the certificate");
}

template <typename T>
using owned = std::unique_ptr<T, void (*)(T*)>;

void add_extension(X509* certificate, int which, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, which, value), X509_EXTENSION_free);
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) fail();
}

} // namespace

void use_self_signed_certificate(asio::ssl::context& context) {
  constexpr long day = 86'400;
  const owned<EVP_PKEY> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const owned<X509> certificate(X509_new(), X509_free);
  if (!key || !certificate) fail();
  X509* const c = certificate.get();
  ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
  if (X509_set_version(c, X509_VERSION_3) != 1 || X509_gmtime_adj(X509_getm_notBefore(c), -day / 2) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(c), day / 2) == nullptr || X509_set_pubkey(c, key.get()) != 1)
    fail();
  X509_NAME* const name = X509_get_subject_name(c);
  if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                                 0) != 1 ||
      X509_set_issuer_name(c, name) != 1)
    fail();
  add_extension(c, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  if (X509_sign(c, key.get(), EVP_sha256()) == 0) fail();
  if (SSL_CTX_use_certificate(context.native_handle(), c) != 1 ||
      SSL_CTX_use_PrivateKey(context.native_handle(), key.get()) != 1)
    fail();
}

} // namespace postel::conformance
