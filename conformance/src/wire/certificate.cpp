#include "wire/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <system_error>

namespace postel::conformance {

namespace {

constexpr long day = 86'400;
constexpr const char* this_host = "DNS:localhost,IP:127.0.0.1";

[[noreturn]] void fail() {
  throw std::system_error(std::error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()),
                          "the certificate");
}

template <typename T>
using owned = std::unique_ptr<T, void (*)(T*)>;

// A certificate and its key.
struct identity {
  identity() : key(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate(X509_new(), X509_free) {
    if (!key || !certificate) fail();
  }
  owned<EVP_PKEY> key;
  owned<X509> certificate;
};

struct wanted {
  const char* name;                 // the subject's
  const char* hosts = nullptr;      // of a server; nothing of an authority
  long from = -day / 2;             // seconds from now
  long to = day / 2;                // likewise
  const identity* issuer = nullptr; // itself without one
};

void add_extension(X509* certificate, X509* issuer, int which, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, which, value), X509_EXTENSION_free);
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) fail();
}

// Of one issuer no two certificates have the same (RFC 5280 4.1.2.2).
void set_serial_number(X509* certificate) {
  std::uint64_t number = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1 ||
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1 | 1) != 1)
    fail();
}

identity make(const wanted& what) {
  identity made;
  X509* const c = made.certificate.get();
  const identity& issuer = what.issuer != nullptr ? *what.issuer : made;
  X509* const by = issuer.certificate.get();
  set_serial_number(c);
  if (X509_set_version(c, X509_VERSION_3) != 1 || X509_gmtime_adj(X509_getm_notBefore(c), what.from) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(c), what.to) == nullptr || X509_set_pubkey(c, made.key.get()) != 1)
    fail();
  if (X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(what.name), -1, -1, 0) != 1 ||
      X509_set_issuer_name(c, X509_get_subject_name(by)) != 1)
    fail();
  add_extension(c, by, NID_subject_key_identifier, "hash");
  if (what.issuer != nullptr) add_extension(c, by, NID_authority_key_identifier, "keyid");
  if (what.hosts != nullptr) {
    add_extension(c, by, NID_subject_alt_name, what.hosts);
    add_extension(c, by, NID_ext_key_usage, "serverAuth");
  } else {
    add_extension(c, by, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(c, by, NID_key_usage, "critical,keyCertSign,cRLSign");
  }
  if (X509_sign(c, issuer.key.get(), EVP_sha256()) == 0) fail();
  return made;
}

void use(asio::ssl::context& context, const identity& own) {
  if (SSL_CTX_use_certificate(context.native_handle(), own.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.native_handle(), own.key.get()) != 1)
    fail();
}

} // namespace

void use_self_signed_certificate(asio::ssl::context& context) {
  use(context, make({"localhost", this_host}));
}

struct authority::state {
  identity trusted = make({"postel check"});
  identity other = make({"another authority"});
};

authority::authority() : state_(std::make_unique<state>()) {}
authority::~authority() = default;

std::string authority::pem() const {
  const owned<BIO> memory(BIO_new(BIO_s_mem()), BIO_free_all);
  if (!memory || PEM_write_bio_X509(memory.get(), state_->trusted.certificate.get()) != 1) fail();
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

void authority::certify(asio::ssl::context& context, certificate_kind kind) const {
  wanted what{"localhost", this_host};
  what.issuer = &state_->trusted;
  switch (kind) {
    case certificate_kind::good: break;
    case certificate_kind::other_name:
      what.name = "other.example";
      what.hosts = "DNS:other.example";
      break;
    case certificate_kind::expired:
      what.from = -2 * day;
      what.to = -day;
      break;
    case certificate_kind::self_signed: what.issuer = nullptr; break;
    case certificate_kind::unknown_authority: what.issuer = &state_->other; break;
  }
  use(context, make(what));
}

} // namespace postel::conformance
