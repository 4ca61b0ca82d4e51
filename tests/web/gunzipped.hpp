#pragma once
// The reverse of gzip.

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <string>

namespace evenkeel::web {

inline std::string gunzipped(std::string packed) {
  constexpr int kGzipAlone = 15 + 16;
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, kGzipAlone), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  int code = Z_OK;
  while (code == Z_OK) {
    std::array<char, 4096> part{};
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = part.size();
    code = inflate(&stream, Z_NO_FLUSH);
    text.append(part.data(), part.size() - stream.avail_out);
  }
  EXPECT_EQ(code, Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U) << "nothing follows";
  inflateEnd(&stream);
  return text;
}

}  // namespace evenkeel::web
