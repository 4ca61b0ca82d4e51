#pragma once
// Framing of HTTP messages: where the body ends, by the head (RFC 9112, section 6), whether another
// message may follow on the connection (section 9.3), and the chunked coding (section 7.1).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agent/http/head.hpp"

namespace evenkeel::http {

// The end of a message's body, as its head tells it.
struct Framing {
  enum class Kind {
    none,  // there is no body
    length,
    chunked,
    until_close,  // only responses
    faulty,       // two readers might see different ends: nothing after the head can be believed
    unknown,      // a transfer coding other than chunked, with an end that is known
  };

  Kind kind = Kind::none;
  std::uint64_t length = 0;  // bytes, if that is the kind; not 0
};

[[nodiscard]] Framing framing_of_request(const Fields& fields, Version version);
// `to_head`: it is the response to a HEAD.
[[nodiscard]] Framing framing_of_response(const Fields& fields, const StatusLine& line,
                                          bool to_head);

[[nodiscard]] bool keeps_alive(const Fields& fields, Version version);

// Decoder of the chunked coding, for bytes as they come.
class ChunkReader {
 public:
  enum class Progress {
    more,  // bytes are needed
    done,
    malformed,  // or more than `beside` bytes are no data
    too_large,  // the chunks announce more than `most`
    stopped,    // by the sink
  };
  // Gets the data piece by piece; false stops the reader.
  using Sink = std::function<bool(std::string_view)>;

  // Bounds in bytes: `most` of the data, `beside` of extensions and trailer fields together.
  ChunkReader(std::uint64_t most, std::size_t beside) : left_(most), beside_(beside) {}

  // Takes bytes off the front of `input`; after `done`, what is left follows the message.
  // Extensions and trailer fields are checked and dropped.
  [[nodiscard]] Progress take(std::string_view& input, const Sink& sink);

 private:
  enum class Part { size, data, data_end, trailer };

  [[nodiscard]] Progress take_line(std::string_view& input);
  [[nodiscard]] Progress use_line();
  [[nodiscard]] Progress begin_chunk();
  [[nodiscard]] bool spend(std::size_t bytes);

  Part part_ = Part::size;
  std::uint64_t left_;         // what is left of `most`
  std::size_t beside_;         // what is left of `beside`
  std::uint64_t of_data_ = 0;  // bytes of the chunk still to come; not 0 in Part::data
  std::string line_;           // an incomplete line
};

}  // namespace evenkeel::http
