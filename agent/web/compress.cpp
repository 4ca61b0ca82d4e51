#include "agent/web/compress.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

namespace evenkeel::web {
namespace {

// Below this many bytes gzip saves no packet.
constexpr std::size_t kWorthwhile = 1024;
// From this many bytes on a better ratio costs more time than the network saves.
constexpr std::size_t kLongText = 1u << 20;

class Deflater {
 public:
  explicit Deflater(int level) {
    constexpr int kWindow = 15, kGzip = 16, kMemory = 8;
    const int code =
        deflateInit2(&stream_, level, Z_DEFLATED, kWindow + kGzip, kMemory, Z_DEFAULT_STRATEGY);
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    if (code != Z_OK) throw std::runtime_error("zlib cannot be used");
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  std::string all(std::string_view text) {
    std::string out(deflateBound(&stream_, text.size()), '\0');
    // zlib counts in 32 bits, and takes its input from a pointer that is not const.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    std::size_t left = text.size();
    std::size_t room = out.size();
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    int code = Z_OK;
    while (code == Z_OK) {
      if (stream_.avail_in == 0) stream_.avail_in = take(left);
      if (stream_.avail_out == 0) stream_.avail_out = take(room);
      code = deflate(&stream_, left == 0 ? Z_FINISH : Z_NO_FLUSH);
    }
    if (code != Z_STREAM_END) throw std::runtime_error("zlib failed");
    out.resize(out.size() - room - stream_.avail_out);
    return out;
  }

 private:
  static uInt take(std::size_t& left) {
    const auto part = static_cast<uInt>(std::min<std::size_t>(left, kMost));
    left -= part;
    return part;
  }

  static constexpr uInt kMost = std::numeric_limits<uInt>::max();
  z_stream stream_{};
};

}  // namespace

std::string gzip(std::string_view text) {
  return Deflater(text.size() < kLongText ? Z_DEFAULT_COMPRESSION : Z_BEST_SPEED).all(text);
}

Response compressed(Response response) {
  const auto encoded = [](const auto& header) { return header.first == "Content-Encoding"; };
  if (response.body.size() < kWorthwhile ||
      std::any_of(response.headers.begin(), response.headers.end(), encoded)) {
    return response;
  }
  response.body = gzip(response.body.str());
  response.headers.emplace_back("Content-Encoding", "gzip");
  return response;
}

}  // namespace evenkeel::web
