#pragma once
// Where the body of an HTTP message ends, by its head (RFC 9112, section 6), whether another
// message may follow on the connection (section 9.3), and the chunked coding (section 7.1).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agent/http/head.hpp"

namespace evenkeel::http {

struct Framing {
  enum class Kind {
    none,  // there is no body
    length,
    chunked,
    until_close,  // of responses alone
    faulty,       // two readers might see different ends; nothing after the head can be believed
    unknown,      // a transfer coding other than chunked, with an end that is known
  };

  Kind kind = Kind::none;
  std::uint64_t length = 0;  // bytes, where that is the kind; not 0
};

[[nodiscard]] Framing framing_of_request(const Fields& fields, Version version);
// `to_head`: the response to a HEAD.
[[nodiscard]] Framing framing_of_response(const Fields& fields, const StatusLine& line,
                                          bool to_head);

[[nodiscard]] bool keeps_alive(const Fields& fields, Version version);

// Takes the chunked coding off a body, as its bytes come.
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

}  // namespace evenkeel::http
