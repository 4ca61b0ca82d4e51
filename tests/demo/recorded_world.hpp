#pragma once
// The cluster that the answers of tests/samples/2.6.19 came from, as a world: the same ids, so that
// answers can be held against them word by word.

#include "tests/demo/small_world.hpp"

namespace evenkeel::demo {

inline constexpr std::int64_t kBook = 470781385398290103, kWide = 470781385398694253;

// Node 2 streams, 3–5 are query nodes. "book" of the default database has seven segments of 40,000
// rows on them, "wide" of "db2" one on node 3.
inline World recorded_world(const std::string& version = "2.6.19") {
  World world;
  world.version = version;
  world.noise = 0;
  world.move_bytes_per_second = 21.44e6;  // a segment of "book" in a second
  for (const std::int64_t id : {3, 4, 5}) {
    world.nodes.push_back({node(id), 25'276'502'016, 50'000'000, 0});
  }
  if (parse_release(version)->has_streaming_nodes()) {
    world.nodes.push_back({node(2), 25'276'502'016, 80'000'000, 0, true});
  }
  const std::vector members{node(3), node(4), node(5)};
  World::Collection book{rules::CollectionId{kBook},
                         "book",
                         128,
                         {{rules::ReplicaId{470781385446260737}, members}},
                         {}};
  const std::int64_t holders[] = {3, 4, 5, 3, 3, 4, 5};
  std::int64_t id = 470781385398490114;
  for (const auto holder : holders) {
    book.segments.push_back({segment(id), 40'000, node(holder)});
    id += 8;
  }
  world.collections.push_back(book);
  world.collections.push_back({rules::CollectionId{kWide},
                               "wide",
                               128,
                               {{rules::ReplicaId{470781385446260738}, members}},
                               {{segment(470781385398490182), 20'000, node(3)}},
                               "db2"});
  return world;
}

}  // namespace evenkeel::demo
