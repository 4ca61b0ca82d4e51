#pragma once
// Takes the chunked coding off a body, as its bytes come (RFC 9112, section 7.1).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace evenkeel::wire {

class ChunkReader {
 public:
  enum class Progress {
    more,  // bytes are needed
    done,
    malformed,  // also: more than `beside` of what is no data
    too_large,  // more than `most`, by what was announced
    stopped,    // by whom the data goes to
  };
  // Gets the data piece by piece; false: no more of it.
  using Sink = std::function<bool(std::string_view)>;

  // `most`: of the data; `beside`: of extensions and trailer fields together; both in bytes.
  ChunkReader(std::uint64_t most, std::size_t beside) : left_(most), beside_(beside) {}

  // Takes bytes off the begin of `input`; what is left after `done` belongs to what follows.
  // Extensions and trailer fields are checked and dropped.
  [[nodiscard]] Progress take(std::string_view& input, const Sink& sink);

 private:
  enum class Part { size, data, data_end, trailer };

  [[nodiscard]] Progress take_line(std::string_view& input);
  [[nodiscard]] Progress use_line();
  [[nodiscard]] Progress begin_chunk();
  [[nodiscard]] bool spend(std::size_t bytes);

  Part part_ = Part::size;
  std::uint64_t left_;         // of `most`
  std::size_t beside_;         // that may still come
  std::uint64_t of_data_ = 0;  // bytes of the chunk still to come
  std::string line_;           // begun and not ended
};

}  // namespace evenkeel::wire
