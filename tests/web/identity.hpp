#pragma once
// Certificates and keys for tests, made as they are needed.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace evenkeel::web {

// A certificate with its key, signed by another one or by itself.
class Identity {
 public:
  explicit Identity(const std::string& name, const Identity* issuer = nullptr)
      : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free), certificate_(X509_new(), &X509_free) {
    X509* const certificate = certificate_.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key_.get());
    auto* const subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    const Identity& by = issuer != nullptr ? *issuer : *this;
    X509_set_issuer_name(certificate, X509_get_subject_name(by.certificate_.get()));
    add(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    if (issuer == nullptr) add(NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate, by.key_.get(), EVP_sha256());
  }

  [[nodiscard]] std::string certificate() const {
    BIO* const text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(text, certificate_.get());
    return text_of(text);
  }
  [[nodiscard]] std::string key() const {
    BIO* const text = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(text, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(text);
  }
  [[nodiscard]] X509* x509() const { return certificate_.get(); }
  [[nodiscard]] EVP_PKEY* private_key() const { return key_.get(); }

 private:
  void add(int what, const char* value) {
    auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  static std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
  }

  static inline long serial_ = 0;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

}  // namespace evenkeel::web
