#pragma once
// Where the body of an HTTP message ends, by its head (RFC 9112, section 6), and whether another
// message may follow on the connection (section 9.3).

#include <cstdint>

#include "agent/wire/fields.hpp"
#include "agent/wire/start_line.hpp"

namespace evenkeel::wire {

struct Framing {
  enum class Kind {
    none,  // there is no body
    length,
    chunked,
    until_close,  // of answers alone
    faulty,       // two readers might see different ends; nothing after the head can be believed
    unknown,      // a transfer coding other than chunked, with an end that is known
  };

  Kind kind = Kind::none;
  std::uint64_t length = 0;  // bytes, where that is the kind; not 0
};

[[nodiscard]] Framing framing_of_request(const Fields& fields, Version version);
// `to_head`: the answer to a HEAD.
[[nodiscard]] Framing framing_of_answer(const Fields& fields, const StatusLine& line, bool to_head);

[[nodiscard]] bool keeps_alive(const Fields& fields, Version version);

}  // namespace evenkeel::wire
