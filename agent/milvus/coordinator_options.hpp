#pragma once
// The deadlines, bounds and login of a coordinator on either road.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "agent/http/client.hpp"
#include "agent/milvus/login.hpp"

namespace evenkeel::milvus {

struct CoordinatorOptions {
  std::chrono::milliseconds timeout{10'000};        // for each call that only reads
  std::chrono::milliseconds move_timeout{120'000};  // for load_balance, which answers when done
  LoginOptions login{};
  std::vector<std::string> databases{};  // the only ones; empty: those that Milvus lists
  std::size_t max_answer = 64u << 20;    // bytes of one answer
  // A longer answer (bytes) is read on a thread of its own: it takes more than a few milliseconds.
  std::size_t read_here = 1u << 20;
  Login::Clock now = [] { return std::chrono::steady_clock::now(); };
  Login::Warn warn{};  // is passed on to Login
  // HTTP alone: the REST port (19530) is asked for the databases if /api/v1 has no list of them.
  std::optional<http::Url> rest{};
  http::TlsOptions tls{};  // gRPC alone: an http::Client has its own
};

}  // namespace evenkeel::milvus
