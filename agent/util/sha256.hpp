#pragma once
// SHA-256 of what is added, one thing after the other.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace evenkeel {

class Sha256 {
 public:
  Sha256();

  Sha256& add(std::string_view bytes);
  // Adds eight bytes, the lowest first, on every machine.
  Sha256& add(std::int64_t number);
  // 64 lower-case digits; nothing can be added after it.
  [[nodiscard]] std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace evenkeel
