#pragma once
// A hash table from keys to 32-bit positions, flat in memory for a million segments. Internal to
// rules/. It is never iterated, so the hash decides nothing.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace evenkeel::rules {

using Position = std::uint32_t;
inline constexpr Position kNowhere = static_cast<Position>(-1);

// A bit mixer (SplitMix64's finalizer): every bit of the result depends on every bit of `bits`. The
// observer hashes with it, too.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31);
}

// An open-addressing table with linear probing. Hash gives 64 well-mixed bits of a key.
template <typename Key, std::uint64_t (*Hash)(const Key&)>
class FlatTable {
 public:
  explicit FlatTable(std::size_t expected = 0) { resize(expected); }

  // The key's position, or kNowhere.
  [[nodiscard]] Position find(const Key& key) const { return slots_[slot_of(key)].position; }

  // Never replaces: returns the position that the key had already, or kNowhere if it is new.
  Position insert(const Key& key, Position position) {
    if ((size_ + 1) * 2 > slots_.size()) resize(size_ * 2 + 2);
    Slot& slot = slots_[slot_of(key)];
    if (slot.position != kNowhere) return slot.position;
    slot = {key, position};
    ++size_;
    return kNowhere;
  }

  void erase(const Key& key) {
    std::size_t hole = slot_of(key);
    if (slots_[hole].position == kNowhere) return;
    --size_;
    // Entries displaced beyond the hole move up, so that no probe ends too early.
    for (std::size_t next = after(hole); slots_[next].position != kNowhere; next = after(next)) {
      const std::size_t home = home_of(slots_[next].key);
      const bool may_stay =
          hole < next ? (hole < home && home <= next) : (hole < home || home <= next);
      if (may_stay) continue;
      slots_[hole] = slots_[next];
      hole = next;
    }
    slots_[hole] = Slot{};
  }

 private:
  // A key and its position; kNowhere: the slot is empty.
  struct Slot {
    Key key{};
    Position position = kNowhere;
  };

  [[nodiscard]] std::size_t home_of(const Key& key) const {
    return static_cast<std::size_t>(Hash(key)) & (slots_.size() - 1);
  }
  [[nodiscard]] std::size_t after(std::size_t slot) const {
    return (slot + 1) & (slots_.size() - 1);
  }

  // The key's slot, or the empty one where it would go. Ends: half of the slots are empty.
  [[nodiscard]] std::size_t slot_of(const Key& key) const {
    std::size_t slot = home_of(key);
    while (slots_[slot].position != kNowhere && !(slots_[slot].key == key)) slot = after(slot);
    return slot;
  }

  void resize(std::size_t expected) {
    std::size_t count = 8;
    while (count < expected * 2) count *= 2;
    std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(count));
    for (const Slot& slot : old) {
      if (slot.position != kNowhere) slots_[slot_of(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;  // their number is a power of two
  std::size_t size_ = 0;
};

}  // namespace evenkeel::rules
