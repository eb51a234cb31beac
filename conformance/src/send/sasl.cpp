#include "send/sasl.hpp"

#include <fmt/format.h>
#include <gsasl.h>

#include <array>
#include <charconv>
#include <memory>
#include <postel/address.hpp>
#include <postel/base64.hpp>
#include <utility>

#include "send/scram_password.hpp"

namespace postel::conformance {

namespace {

// By strength. Those of tokens are only used when asked for: a password is none.
constexpr std::array<std::string_view, 5> by_strength{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"};

bool is_bearer(std::string_view mechanism) {
  return equal_ignoring_case(mechanism, "XOAUTH2") || equal_ignoring_case(mechanism, "OAUTHBEARER");
}

std::string upper(std::string_view text) {
  std::string result;
  for (const char c : text) result += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

// As a property of gsasl.
std::string hexadecimal(std::string_view octets) {
  std::string text;
  for (const char octet : octets) text += fmt::format("{:02x}", static_cast<unsigned char>(octet));
  return text;
}

// RFC 7628 3.1; XOAUTH2 is what it grew out of.
std::string bearer(std::string_view mechanism, const sasl_exchange::credentials& with) {
  if (mechanism == "XOAUTH2")
    return fmt::format(
        "user={}\x01"
        "auth=Bearer {}\x01\x01",
        with.user, with.password);
  std::string name; // saslname, RFC 5801 4
  for (const char c : with.user) name += c == '=' ? "=3D" : c == ',' ? "=2C" : std::string(1, c);
  return fmt::format(
      "n,a={},\x01host={}\x01port={}\x01"
      "auth=Bearer {}\x01\x01",
      name, with.host, with.port, with.password);
}

} // namespace

bool is_plain_text(std::string_view mechanism) {
  return equal_ignoring_case(mechanism, "PLAIN") || equal_ignoring_case(mechanism, "LOGIN") || is_bearer(mechanism);
}

bool offers_mechanism(std::string_view offered, std::string_view mechanism) {
  while (!offered.empty()) {
    const std::size_t space = offered.find(' ');
    if (equal_ignoring_case(offered.substr(0, space), mechanism)) return true;
    offered.remove_prefix(space == std::string_view::npos ? offered.size() : space + 1);
  }
  return false;
}

std::optional<std::string> strongest_mechanism(std::string_view offered, bool tls) {
  for (const std::string_view each : by_strength)
    if (offers_mechanism(offered, each) && (tls || !is_plain_text(each)) && sasl_exchange::supports(each))
      return std::string(each);
  return std::nullopt;
}

struct sasl_exchange::state {
  std::string mechanism;
  credentials with;
  Gsasl* library = nullptr;
  Gsasl_session* session = nullptr;
  bool server = false;
  int said = 0; // responses of a bearer
  bool finished = false;
  std::string why;
  std::chrono::steady_clock::time_point until;

  ~state() {
    if (session != nullptr) gsasl_finish(session);
    if (library != nullptr) gsasl_done(library);
  }
  void fail(int error) {
    if (why.empty()) why = gsasl_strerror(error);
  }
  [[nodiscard]] bool salts() const { return !server && mechanism.starts_with("SCRAM-"); }

  static int answer(Gsasl*, Gsasl_session* asking, Gsasl_property property) {
    auto* self = static_cast<state*>(gsasl_session_hook_get(asking));
    if (self == nullptr) return GSASL_NO_CALLBACK;
    if (property == GSASL_SCRAM_SALTED_PASSWORD && self->salts()) return self->salt(asking);
    if (property != GSASL_VALIDATE_SIMPLE) return GSASL_NO_CALLBACK;
    // What the server's side asks when a client has said who it is.
    const char* const who = gsasl_property_fast(asking, GSASL_AUTHID);
    const char* const password = gsasl_property_fast(asking, GSASL_PASSWORD);
    const bool right =
        who != nullptr && password != nullptr && who == self->with.user && password == self->with.password;
    return right ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
  }

  // The library itself would compute for as long as the server likes.
  int salt(Gsasl_session* asking) {
    const char* const count = gsasl_property_fast(asking, GSASL_SCRAM_ITER);
    const char* const base64 = gsasl_property_fast(asking, GSASL_SCRAM_SALT);
    if (count == nullptr || base64 == nullptr) return GSASL_NO_CALLBACK;
    const std::string_view digits(count), encoded(base64);
    std::uint64_t iterations = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), iterations);
    std::string buffer(encoded.size(), '\0');
    const auto salt_octets = decode_base64(encoded, buffer);
    char* prepared = nullptr;
    if (read.ec != std::errc{} || !salt_octets) return GSASL_NO_CALLBACK;
    if (const int error = gsasl_saslprep(with.password.c_str(), Gsasl_saslprep_flags{}, &prepared, nullptr);
        error != GSASL_OK) {
      fail(error);
      return error;
    }
    const std::unique_ptr<char, void (*)(void*)> owned(prepared, &gsasl_free);
    auto salted =
        scram_password(mechanism == "SCRAM-SHA-1" ? "SHA1" : "SHA256", prepared, *salt_octets, iterations, until);
    if (auto* refusal = std::get_if<scram_refusal>(&salted)) {
      why = std::move(refusal->why);
      return GSASL_NO_CALLBACK;
    }
    return gsasl_property_set(asking, GSASL_SCRAM_SALTED_PASSWORD, hexadecimal(std::get<std::string>(salted)).c_str());
  }

  void start() {
    if (is_bearer(mechanism)) return;
    int error = gsasl_init(&library);
    if (error == GSASL_OK)
      error = server ? gsasl_server_start(library, mechanism.c_str(), &session)
                     : gsasl_client_start(library, mechanism.c_str(), &session);
    if (error != GSASL_OK) return fail(error);
    gsasl_callback_set(library, answer);
    gsasl_session_hook_set(session, this);
    const std::pair<Gsasl_property, const char*> properties[] = {{GSASL_AUTHID, with.user.c_str()},
                                                                 {GSASL_PASSWORD, with.password.c_str()},
                                                                 {GSASL_SERVICE, "smtp"},
                                                                 {GSASL_HOSTNAME, with.host.c_str()}};
    for (const auto& [property, value] : properties) {
      // What the client says it is, the server learns.
      if (server && property == GSASL_AUTHID) continue;
      // From the password it would compute: salt() does.
      if (property == GSASL_PASSWORD && salts()) continue;
      if (error = gsasl_property_set(session, property, value); error != GSASL_OK) return fail(error);
    }
  }

  std::optional<std::string> next_of_bearer(std::string_view octets) {
    if (server) {
      finished = true;
      return std::string();
    }
    if (++said == 1) {
      finished = true;
      return bearer(mechanism, with);
    }
    if (said > 2) return std::nullopt;
    // The server says what is wrong, and waits for a response that means nothing (RFC 7628 3.2.3).
    why = octets;
    return mechanism == "XOAUTH2" ? std::string() : std::string(1, '\x01');
  }
};

sasl_exchange::sasl_exchange(state* own) : state_(own) {}
sasl_exchange::sasl_exchange(std::string_view mechanism, const credentials& with) : state_(new state) {
  state_->mechanism = upper(mechanism);
  state_->with = with;
  state_->start();
}
sasl_exchange sasl_exchange::as_server(std::string_view mechanism, const credentials& with) {
  auto own = std::make_unique<state>();
  own->mechanism = upper(mechanism);
  own->with = with;
  own->server = true;
  own->start();
  return sasl_exchange(own.release());
}
sasl_exchange::sasl_exchange(sasl_exchange&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
sasl_exchange::~sasl_exchange() {
  delete state_;
}

bool sasl_exchange::supports(std::string_view mechanism) {
  if (is_bearer(mechanism)) return true;
  Gsasl* library = nullptr;
  if (gsasl_init(&library) != GSASL_OK) return false;
  const bool known = gsasl_client_support_p(library, upper(mechanism).c_str()) != 0;
  gsasl_done(library);
  return known;
}

bool sasl_exchange::client_first() const {
  return is_bearer(state_->mechanism) || state_->mechanism == "PLAIN" || state_->mechanism.starts_with("SCRAM-") ||
         state_->mechanism == "EXTERNAL" || state_->mechanism == "ANONYMOUS";
}

std::optional<std::string> sasl_exchange::next(std::string_view octets, std::chrono::steady_clock::time_point until) {
  state_->until = until;
  if (is_bearer(state_->mechanism)) return state_->next_of_bearer(octets);
  if (state_->session == nullptr) return std::nullopt;
  char* said = nullptr;
  std::size_t length = 0;
  const int result = gsasl_step(state_->session, octets.data(), octets.size(), &said, &length);
  if (result != GSASL_OK && result != GSASL_NEEDS_MORE) {
    // RFC 5802 7: server-final-message.
    if (state_->salts() && octets.starts_with("e="))
      state_->why = fmt::format("the server's part of the exchange is {}", octets);
    else if (state_->salts() && octets.starts_with("v="))
      state_->why = "the server's proof that it knows the password is wrong";
    state_->fail(result);
    return std::nullopt;
  }
  const std::unique_ptr<char, void (*)(char*)> owned(said, [](char* each) { gsasl_free(each); });
  state_->finished = result == GSASL_OK;
  return std::string(said, length);
}

bool sasl_exchange::finished() const {
  // LOGIN and PLAIN have no proof of the server; the exchange of gsasl may want one step more than there is.
  return state_->finished || (!state_->server && is_plain_text(state_->mechanism));
}

const std::string& sasl_exchange::why() const {
  return state_->why;
}

} // namespace postel::conformance
