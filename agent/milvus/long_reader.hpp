#pragma once
// Reads answers; a long one on a thread of its own, so that it does not hold up the loop. Internal
// to milvus.

#include <malloc.h>

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/milvus/coordinator.hpp"
#include "agent/util/offload.hpp"

namespace evenkeel::milvus {

template <typename T>
using Parse = Result<T> (*)(std::string_view);

// Reads one answer after another.
class LongReader {
 public:
  // A longer answer (bytes) is read on the thread.
  explicit LongReader(std::size_t read_here) : read_here_(read_here) {}

  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> read(std::string body, Parse<T> parse) {
    if (body.size() <= read_here_) co_return parse(body);
    if (!thread_) thread_ = std::make_unique<asio::thread_pool>(1);
    auto work = [text = std::move(body), parse]() mutable {
      auto value = parse(text);
      text = {};
      ::malloc_trim(0);  // else the allocator keeps the memory of the text and its values
      return value;
    };
    auto result = co_await offload(*thread_, work);
    if (result) co_return *std::move(result);
    co_return tl::unexpected(Failure{.kind = FailureKind::transport, .message = "cancelled"});
  }

 private:
  std::size_t read_here_;
  std::unique_ptr<asio::thread_pool> thread_;  // one thread, from the first long answer on
};

}  // namespace evenkeel::milvus
