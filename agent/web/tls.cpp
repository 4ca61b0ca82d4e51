#include "agent/web/access.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <optional>
#include <utility>

namespace evenkeel::web {
namespace {

namespace ssl = boost::asio::ssl;

// The session id context, which OpenSSL demands if clients are verified.
constexpr std::string_view kSessions = "evenkeel";

class Maker {
 public:
  explicit Maker(const settings::Settings::Web& settings) : settings_(settings) {}

  [[nodiscard]] tl::expected<TlsContext, Mistakes> make() {
    auto* const native = context_->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    // For TLS 1.2: suites with forward secrecy, as all of 1.3 have it. Without it, a stolen key
    // decrypts recorded traffic.
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>(kSessions.data()),
                                   static_cast<unsigned>(kSessions.size()));
    // There is nobody to ask for a passphrase.
    context_->set_password_callback([](auto, auto) { return std::string(); });
    use_certificate();
    use_key();
    if (!settings_.client_ca_file.empty()) use_authorities();
    if (!mistakes_.empty()) return tl::unexpected(std::move(mistakes_));
    return context_;
  }

 private:
  void report(const std::string& path, const std::string& key, const std::string& what) {
    mistakes_.push_back(mistake_in(path, key, what));
  }

  std::optional<std::string> read(const std::string& path, const std::string& key,
                                  Secrecy secrecy) {
    auto text = read_file(path, key, secrecy);
    if (text) return *std::move(text);
    mistakes_.push_back(text.error());
    return std::nullopt;
  }

  void use_certificate() {
    const auto& path = settings_.cert_file;
    const auto text = read(path, "cert_file", Secrecy::open);
    if (!text) return;
    boost::system::error_code error;
    context_->use_certificate_chain(boost::asio::buffer(*text), error);
    if (error) report(path, "cert_file", "holds no certificate in PEM: " + error.message());
  }

  void use_key() {
    const auto& path = settings_.key_file;
    const auto text = read(path, "key_file", Secrecy::secret);
    if (!text) return;
    boost::system::error_code error;
    context_->use_private_key(boost::asio::buffer(*text), ssl::context::pem, error);
    const bool mismatch =
        error.value() != 0 &&
        ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH;
    if (mismatch) {
      report(path, "key_file", "is not the key of the certificate in " + settings_.cert_file);
    } else if (error) {
      report(path, "key_file",
             "holds no private key in PEM without a passphrase: " + error.message());
    }
  }

  void use_authorities() {
    const auto& path = settings_.client_ca_file;
    const auto text = read(path, "client_ca_file", Secrecy::open);
    if (!text) return;
    boost::system::error_code error;
    context_->add_certificate_authority(boost::asio::buffer(*text), error);
    if (error) {
      report(path, "client_ca_file", "holds no certificate in PEM: " + error.message());
      return;
    }
    // Clients with certificates of several authorities are told which to choose from.
    SSL_CTX_set_client_CA_list(context_->native_handle(), SSL_load_client_CA_file(path.c_str()));
    context_->set_verify_mode(ssl::verify_peer, error);
  }

  const settings::Settings::Web& settings_;
  TlsContext context_ = std::make_shared<ssl::context>(ssl::context::tls_server);
  Mistakes mistakes_;
};

}  // namespace

tl::expected<TlsContext, Mistakes> make_tls(const settings::Settings::Web& settings) {
  if (settings.cert_file.empty()) return nullptr;
  return Maker(settings).make();
}

}  // namespace evenkeel::web
