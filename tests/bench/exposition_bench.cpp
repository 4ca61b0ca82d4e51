// How fast the few figures are found in a node's metrics: whole texts, and 16 KiB pieces as they
// come off a socket. compare_exposition.py sets it beside other parsers.
//   exposition_bench [--benchmark_…] [FILE …]     default: all of tests/samples/2.3.5

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "agent/scrape/exposition.hpp"

namespace {

namespace fs = std::filesystem;
using evenkeel::scrape::Extractor;

struct Text {
  std::string name;
  std::string content;
};

std::vector<fs::path> samples() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(EVENKEEL_SOURCE_DIR "/tests/samples/2.3.5")) {
    if (entry.path().extension() == ".metrics") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

Text read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    std::exit(1);
  }
  return {path.filename().string(), {std::istreambuf_iterator<char>(file), {}}};
}

std::size_t total_size(const std::vector<Text>& texts) {
  std::size_t size = 0;
  for (const Text& text : texts) size += text.content.size();
  return size;
}

void whole(benchmark::State& state, const std::vector<Text>& texts) {
  for (auto _ : state) {
    for (const Text& text : texts) {
      benchmark::DoNotOptimize(evenkeel::scrape::extract(text.content));
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * total_size(texts)));
}

void pieces(benchmark::State& state, const std::vector<Text>& texts) {
  constexpr std::size_t kPiece = 16u << 10;
  for (auto _ : state) {
    for (const Text& text : texts) {
      Extractor extractor;
      for (std::string_view rest = text.content; !rest.empty();) {
        extractor.feed(rest.substr(0, kPiece));
        rest.remove_prefix(std::min(kPiece, rest.size()));
      }
      benchmark::DoNotOptimize(extractor.finish());
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * total_size(texts)));
}

void register_both(const std::string& name, const std::vector<Text>& texts) {
  benchmark::RegisterBenchmark(("whole/" + name).c_str(), whole, texts);
  benchmark::RegisterBenchmark(("pieces/" + name).c_str(), pieces, texts);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::vector<fs::path> paths(argv + 1, argv + argc);
  if (paths.empty()) paths = samples();
  std::vector<Text> texts;
  for (const fs::path& path : paths) {
    texts.push_back(read(path));
    register_both(texts.back().name, {texts.back()});
  }
  register_both("all", texts);
  benchmark::RunSpecifiedBenchmarks();
}
