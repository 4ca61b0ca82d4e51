#pragma once
// A world in which moves bring their true bytes, and weights that learn from them.

#include <map>
#include <vector>

#include "rules/weights.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test {

inline constexpr CollectionId kBook{100};
inline constexpr CollectionId kFilm{200};

// Nodes 1 to 4 with memory of their own, and segments of 1 GiB, as stated, on node 1: of
// "book" 11, 12, …, of "film" 111, 112, …. A move takes its true bytes to its destination at once.
struct Moving : World {
  Weights weights;
  std::map<CollectionId, double> truth{{kBook, 1}, {kFilm, 1}};  // × stated
  bool source_falls = true;
  Duration pause = std::chrono::minutes{6};  // between two batches; longer than Policy::settle

  Moving() {
    node(1, 90, 128);
    for (const std::int64_t id : {2, 3, 4}) node(id, 30, 64);
    replica(5, 100, {1, 2, 3, 4}).replica(6, 200, {1, 2, 3, 4});
    for (Collection& collection : cluster.collections) collection.row_bytes = 512;
    for (std::int64_t id = 0; id < 40; ++id) segment(11 + id, 5, 1, 1).segment(111 + id, 6, 1, 1);
    observe(4);
  }

  void observe(int times = 1) {
    for (int i = 0; i < times; ++i) {
      sample(1);
      weights.observe(cluster, ledger, policy);
      ledger.expire(cluster, now, policy);
    }
  }
  void pass(Duration time) { observe(static_cast<int>(time / kSampleInterval)); }

  // One batch: all of it is under way before any of it lands. `noise` is added to what arrives.
  void move(const std::vector<std::int64_t>& ids, std::int64_t to, double noise_gib = 0) {
    for (const std::int64_t id : ids) {
      const Segment& moving = segment_at(id);
      ledger.start({moving.id, moving.replica, moving.node, NodeId{to}, moving.bytes, now});
    }
    now += std::chrono::seconds{5};
    for (const std::int64_t id : ids) {
      Segment& moved = segment_at(id);
      const auto bytes =
          static_cast<Bytes>(static_cast<double>(moved.rows) * 512 * truth.at(moved.collection));
      const auto from = static_cast<std::int64_t>(moved.node);
      if (source_falls) at(from).used -= bytes;
      at(to).used += bytes;
      moved.node = NodeId{to};
      ledger.land({moved.id, moved.replica}, now);
    }
    at(to).used += gib(noise_gib);
    pass(pause);
  }
  // So many batches of one segment of "book" each, one to each destination in turn.
  void move_singly(int batches) {
    for (int i = 0; i < batches; ++i) move({next_ + i}, 2 + (next_ + i) % 3);
    next_ += batches;
  }

 private:
  std::int64_t next_ = 11;
};

}  // namespace evenkeel::rules::test
