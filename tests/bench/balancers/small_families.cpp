// The small families. Ratios are of a node's own capacity; "differs" is more than 30 points.

#include <algorithm>

#include "tests/bench/balancers/families.hpp"

namespace evenkeel::balancers {
namespace {

constexpr double kGi = static_cast<double>(kGiB);
constexpr Sizes kFine{0.02, 0.05};
constexpr Sizes kMiddling{0.04, 0.12};
constexpr Sizes kCoarse{0.08, 0.22};

std::vector<int> nodes(Builder& b, int count, Bytes capacity, double base) {
  std::vector<int> made;
  for (int i = 0; i < count; ++i) made.push_back(b.node(capacity, base));
  return made;
}

// One collection with one replica on new nodes of 16 GiB, filled to the given ratios.
std::vector<int> one_set(Builder& b, const std::vector<double>& ratios, Sizes sizes,
                         double base = 0.03) {
  const std::vector<int> made = nodes(b, static_cast<int>(ratios.size()), 16 * kGiB, base);
  const int replica = b.replica(b.collection(512), made);
  for (std::size_t i = 0; i < made.size(); ++i) b.fill(replica, made[i], ratios[i], sizes);
  return made;
}

void two_nodes_fine(Builder& b) {
  one_set(b, {b.random.real(0.5, 0.75), b.random.real(0.05, 0.15)}, kFine);
}

void two_nodes_coarse(Builder& b) {
  one_set(b, {b.random.real(0.6, 0.85), b.random.real(0.05, 0.25)}, kCoarse);
}

void one_high(Builder& b) {
  const int count = static_cast<int>(b.random.whole(3, 5));
  std::vector<double> ratios{b.random.real(0.6, 0.85)};
  for (int i = 1; i < count; ++i) ratios.push_back(b.random.real(0.15, 0.25));
  one_set(b, ratios, kMiddling);
}

void one_low(Builder& b) {
  const int count = static_cast<int>(b.random.whole(3, 4));
  std::vector<double> ratios{b.random.real(0.05, 0.15)};
  for (int i = 1; i < count; ++i) ratios.push_back(b.random.real(0.5, 0.65));
  one_set(b, ratios, kMiddling);
}

void ramp(Builder& b) {
  one_set(b, {0.75, 0.55, 0.35, b.random.real(0.05, 0.2)}, kMiddling);
}

void six_nodes_random(Builder& b) {
  std::vector<double> ratios{b.random.real(0.6, 0.8), b.random.real(0.05, 0.2)};
  for (int i = 2; i < 6; ++i) ratios.push_back(b.random.real(0.1, 0.6));
  one_set(b, ratios, kMiddling);
}

void just_over_the_mark(Builder& b) {
  one_set(b, {b.random.real(0.52, 0.55), 0.35, b.random.real(0.17, 0.19)}, kFine);
}

void nothing_to_do(Builder& b) {
  std::vector<double> ratios;
  for (int i = 0; i < 4; ++i) ratios.push_back(b.random.real(0.45, 0.65));
  one_set(b, ratios, kMiddling);
}

void one_huge_segment(Builder& b) {
  const std::vector<int> made = one_set(b, {0.3, b.random.real(0.1, 0.2), 0.15}, kMiddling);
  b.segment(1, made[0], b.random.real(0.35, 0.5) * static_cast<double>(b.capacity(made[0])));
}

void one_of_twice_the_size(Builder& b) {
  std::vector<int> made = nodes(b, 3, 16 * kGiB, 0.03);
  made.push_back(b.node(32 * kGiB, 0.03));
  const int replica = b.replica(b.collection(512), made);
  const bool large_is_full = b.random.chance(0.5);
  for (int i = 0; i < 3; ++i) {
    b.fill(replica, made[i], large_is_full ? 0.2 : b.random.real(0.55, 0.7), kMiddling);
  }
  b.fill(replica, made[3], large_is_full ? b.random.real(0.6, 0.75) : 0.1, {0.03, 0.08});
}

void unequal_capacities(Builder& b) {
  std::vector<int> made;
  for (int i = 0; i < 5; ++i) made.push_back(b.node(Bytes{8} * kGiB << b.random.whole(0, 3), 0.03));
  const int replica = b.replica(b.collection(512), made);
  b.fill(replica, made[0], b.random.real(0.6, 0.8), kMiddling);
  b.fill(replica, made[1], b.random.real(0.05, 0.15), kMiddling);
  for (int i = 2; i < 5; ++i) b.fill(replica, made[i], b.random.real(0.1, 0.6), kMiddling);
}

void high_base_everywhere(Builder& b) {
  one_set(b, {b.random.real(0.75, 0.88), b.random.real(0.4, 0.45), 0.45}, kFine, 0.38);
}

void one_base_is_high(Builder& b) {
  std::vector<int> made{b.node(16 * kGiB, b.random.real(0.4, 0.5))};
  for (int i = 0; i < 3; ++i) made.push_back(b.node(16 * kGiB, 0.05));
  const int replica = b.replica(b.collection(512), made);
  b.fill(replica, made[0], b.random.real(0.65, 0.8), kMiddling);
  for (int i = 1; i < 4; ++i) b.fill(replica, made[i], b.random.real(0.15, 0.3), kMiddling);
}

void one_overloaded(Builder& b) {
  const std::vector<int> made =
      one_set(b, {0.85, b.random.real(0.65, 0.72), b.random.real(0.65, 0.72)}, kMiddling, 0.2);
  b.fill(1, made[0], b.random.real(0.93, 0.97), kFine);
}

void one_overloaded_coarse(Builder& b) {
  const std::vector<int> made =
      one_set(b, {0.8, b.random.real(0.62, 0.66), b.random.real(0.62, 0.66)}, {0.06, 0.13}, 0.2);
  b.segment(
      1, made[0],
      (b.random.real(0.92, 0.97) - b.ratio(made[0])) * static_cast<double>(b.capacity(made[0])));
}

void two_overloaded(Builder& b) {
  const std::vector<int> made = one_set(b, {0.8, 0.8, 0.65, 0.62}, kMiddling, 0.3);
  b.fill(1, made[0], b.random.real(0.92, 0.96), kFine);
  b.fill(1, made[1], b.random.real(0.92, 0.96), kFine);
}

void overloaded_and_different(Builder& b) {
  one_set(b, {b.random.real(0.93, 0.98), b.random.real(0.1, 0.3), b.random.real(0.1, 0.2)},
          kMiddling);
}

// Only the small ones fit anywhere.
void tight_room(Builder& b) {
  const std::vector<int> made =
      one_set(b, {0.7, b.random.real(0.83, 0.85), b.random.real(0.83, 0.85)}, kMiddling, 0.3);
  for (int i = 0; i < 4; ++i) {
    b.segment(1, made[0], b.random.real(0.01, 0.025) * 16 * kGi);
  }
  b.segment(1, made[0], std::max(0.01, b.random.real(0.915, 0.925) - b.ratio(made[0])) * 16 * kGi);
}

// Nothing can be done: the others are full, and what the overloaded node has is large.
void all_full(Builder& b) {
  const std::vector<int> made = one_set(b, {0.78, 0.78, 0.78}, {0.08, 0.11}, 0.45);
  const auto top_up = [&](int node, double ratio) {
    b.segment(1, node, (ratio - b.ratio(node)) * static_cast<double>(b.capacity(node)));
  };
  top_up(made[0], b.random.real(0.915, 0.93));
  top_up(made[1], 0.8995);
  top_up(made[2], 0.8995);
}

// A single move would only turn the difference around; a large one for a small one levels.
void swap_needed(Builder& b) {
  const double whole = 16 * kGi;
  const std::vector<int> made{b.node(16 * kGiB, b.random.real(0.23, 0.26)),
                              b.node(16 * kGiB, 0.03)};
  const int replica = b.replica(b.collection(512), made);
  const double large = b.random.real(0.36, 0.4);
  b.segment(replica, made[0], large * whole);
  for (int i = 0; i < 2; ++i) b.segment(replica, made[1], b.random.real(0.1, 0.12) * whole);
  for (int i = 0; i < 4; ++i) b.segment(replica, made[i % 2], b.random.real(0.001, 0.004) * whole);
}

// The overloaded node has large segments only, and there is room for one only where small ones have
// been moved away before.
void room_to_be_made(Builder& b) {
  const double whole = 16 * kGi;
  const std::vector<int> made{b.node(16 * kGiB, 0.32), b.node(16 * kGiB, 0.55),
                              b.node(16 * kGiB, 0.74)};
  const int replica = b.replica(b.collection(512), made);
  for (int i = 0; i < 4; ++i) b.segment(replica, made[0], b.random.real(0.15, 0.152) * whole);
  for (int i = 0; i < 8; ++i) b.segment(replica, made[1], b.random.real(0.02, 0.03) * whole);
  b.segment(replica, made[2], b.random.real(0.005, 0.02) * whole);
}

// Two replicas share the middle node: what is too much on the first can only go there, so what is
// on the middle has to go on to the third.
void chain_levels(Builder& b) {
  const std::vector<int> made = nodes(b, 3, 16 * kGiB, 0.03);
  const int left = b.replica(b.collection(512), {made[0], made[1]});
  const int right = b.replica(b.collection(512), {made[1], made[2]});
  b.fill(left, made[0], b.random.real(0.7, 0.8), kMiddling);
  b.fill(right, made[1], b.random.real(0.5, 0.6), kMiddling);
  b.fill(right, made[2], b.random.real(0.05, 0.15), kMiddling);
}

void chain_relieves(Builder& b) {
  const std::vector<int> made = nodes(b, 3, 16 * kGiB, 0.2);
  const int left = b.replica(b.collection(512), {made[0], made[1]});
  const int right = b.replica(b.collection(512), {made[1], made[2]});
  b.fill(left, made[0], b.random.real(0.93, 0.95), kMiddling);
  b.fill(right, made[1], b.random.real(0.86, 0.88), kMiddling);
  b.fill(right, made[2], b.random.real(0.6, 0.65), kMiddling);
}

void two_replicas_disjoint(Builder& b) {
  const std::vector<int> made = nodes(b, 4, 16 * kGiB, 0.03);
  const int book = b.collection(512);
  const int one = b.replica(book, {made[0], made[1]});
  const int two = b.replica(book, {made[2], made[3]});
  b.fill(one, made[0], b.random.real(0.55, 0.75), kMiddling);
  b.fill(one, made[1], 0.1, kMiddling);
  b.fill(two, made[2], b.random.real(0.4, 0.75), kMiddling);
  b.fill(two, made[3], 0.15, kMiddling);
}

void overlapping_sets(Builder& b) {
  const std::vector<int> made = nodes(b, 4, 16 * kGiB, 0.03);
  const int left = b.replica(b.collection(512), {made[0], made[1], made[2]});
  const int right = b.replica(b.collection(512), {made[1], made[2], made[3]});
  b.fill(left, made[0], b.random.real(0.6, 0.8), kMiddling);
  b.fill(left, made[1], 0.2, kMiddling);
  b.fill(right, made[1], b.random.real(0.3, 0.4), kMiddling);
  b.fill(right, made[2], b.random.real(0.2, 0.4), kMiddling);
  b.fill(right, made[3], b.random.real(0.05, 0.4), kMiddling);
}

void nested_sets(Builder& b) {
  const std::vector<int> made = nodes(b, 5, 16 * kGiB, 0.03);
  const int all = b.replica(b.collection(512), made);
  const int two = b.replica(b.collection(512), {made[0], made[1]});
  b.fill(two, made[0], b.random.real(0.45, 0.6), kMiddling);
  b.fill(all, made[0], b.random.real(0.7, 0.8), kMiddling);
  b.fill(two, made[1], 0.25, kMiddling);
  for (int i = 1; i < 5; ++i) b.fill(all, made[i], b.random.real(0.2, 0.4), kMiddling);
}

// Rows of two widths: by rows the nodes are even, by bytes they are not.
void even_rows_uneven_bytes(Builder& b) {
  const std::vector<int> made = nodes(b, 3, 16 * kGiB, 0.03);
  const int wide = b.replica(b.collection(4096), made);
  const int narrow = b.replica(b.collection(512), made);
  b.fill(wide, made[0], b.random.real(0.65, 0.8), kMiddling);
  b.fill(narrow, made[0], b.ratio(made[0]) + 0.02, {0.01, 0.02});
  for (int i = 1; i < 3; ++i) {
    b.fill(narrow, made[i], b.random.real(0.1, 0.15), {0.02, 0.04});
    b.fill(wide, made[i], b.random.real(0.2, 0.25), kFine);
  }
}

// The other way round: uneven by rows, and nothing is wrong.
void uneven_rows_even_bytes(Builder& b) {
  const std::vector<int> made = nodes(b, 3, 16 * kGiB, 0.03);
  const int wide = b.replica(b.collection(8192), made);
  const int narrow = b.replica(b.collection(256), made);
  b.fill(wide, made[0], b.random.real(0.55, 0.65), kMiddling);
  b.fill(narrow, made[1], b.random.real(0.45, 0.6), kMiddling);
  b.fill(wide, made[2], 0.3, kMiddling);
  b.fill(narrow, made[2], b.random.real(0.5, 0.6), kMiddling);
}

void joins_empty(Builder& b) {
  one_set(b, {b.random.real(0.5, 0.65), b.random.real(0.5, 0.65), b.random.real(0.5, 0.65), 0.03},
          kMiddling);
}

void two_join_empty(Builder& b) {
  one_set(b, {b.random.real(0.6, 0.75), b.random.real(0.6, 0.75), 0.03, 0.03}, kMiddling);
}

void few_moves_a_round(Builder& b) {
  b.policy().max_moves_per_round = 2;
  one_set(b, {b.random.real(0.65, 0.8), b.random.real(0.05, 0.2), b.random.real(0.1, 0.4)}, kFine);
}

void few_bytes_a_round(Builder& b) {
  b.policy().max_bytes_per_round = 2 * kGiB;
  one_set(b, {b.random.real(0.65, 0.8), b.random.real(0.05, 0.2), b.random.real(0.1, 0.4)},
          kMiddling);
}

}  // namespace

Instance Family::instance(std::uint64_t seed) const {
  Builder builder(name, seed);
  make(builder);
  return builder.finish();
}

std::vector<Family> small_families() {
  return {
      {"two-nodes-fine", true, two_nodes_fine},
      {"two-nodes-coarse", true, two_nodes_coarse},
      {"one-high", true, one_high},
      {"one-low", true, one_low},
      {"ramp", true, ramp},
      {"six-nodes-random", true, six_nodes_random},
      {"just-over-the-mark", true, just_over_the_mark},
      {"nothing-to-do", true, nothing_to_do},
      {"one-huge-segment", true, one_huge_segment},
      {"one-of-twice-the-size", true, one_of_twice_the_size},
      {"unequal-capacities", true, unequal_capacities},
      {"high-base-everywhere", true, high_base_everywhere},
      {"one-base-is-high", true, one_base_is_high},
      {"one-overloaded", true, one_overloaded},
      {"one-overloaded-coarse", true, one_overloaded_coarse},
      {"two-overloaded", true, two_overloaded},
      {"overloaded-and-different", true, overloaded_and_different},
      {"tight-room", true, tight_room},
      {"all-full", true, all_full},
      {"swap-needed", true, swap_needed},
      {"room-to-be-made", true, room_to_be_made},
      {"chain-levels", true, chain_levels},
      {"chain-relieves", true, chain_relieves},
      {"two-replicas-disjoint", true, two_replicas_disjoint},
      {"overlapping-sets", true, overlapping_sets},
      {"nested-sets", true, nested_sets},
      {"even-rows-uneven-bytes", true, even_rows_uneven_bytes},
      {"uneven-rows-even-bytes", true, uneven_rows_even_bytes},
      {"joins-empty", true, joins_empty},
      {"two-join-empty", true, two_join_empty},
      {"few-moves-a-round", true, few_moves_a_round},
      {"few-bytes-a-round", true, few_bytes_a_round},
  };
}

}  // namespace evenkeel::balancers
