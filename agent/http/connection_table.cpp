#include "agent/http/connection_table.hpp"

#include <cassert>
#include <tuple>

namespace evenkeel::http {

bool ConnectionTable::make_room(const std::string& address) {
  const auto count = counts_.find(address);
  if (count != counts_.end() && count->second >= limits_.connections_per_address) {
    return evict_one(&address);
  }
  return entries_.size() < limits_.connections || evict_one(nullptr);
}

void ConnectionTable::add(Entry& entry) {
  assert(entry.of_address_ == nullptr && "added once");
  entry.of_address_ = &counts_[entry.address];
  ++*entry.of_address_;
  entries_.push_back(&entry);
}

void ConnectionTable::remove(Entry& entry) {
  if (std::erase(entries_, &entry) > 0 && --*entry.of_address_ == 0) counts_.erase(entry.address);
}

void ConnectionTable::evict(Entry& entry) {
  remove(entry);
  entry.evict();
}

bool ConnectionTable::evict_one(const std::string* address) {
  const auto goes_before = [](const Entry& a, const Entry& b) {
    // The address with the most connections comes first.
    return std::tie(*b.of_address_, a.phase, a.since) < std::tie(*a.of_address_, b.phase, b.since);
  };
  Entry* first = nullptr;
  for (auto* entry : entries_) {
    if (entry->phase == Entry::Phase::busy || (address != nullptr && entry->address != *address))
      continue;
    if (first == nullptr || goes_before(*entry, *first)) first = entry;
  }
  if (first != nullptr) evict(*first);
  return first != nullptr;
}

std::size_t ConnectionTable::held() const {
  std::size_t all = 0;
  std::map<const void*, std::size_t> texts;
  for (const auto* entry : entries_) {
    all += entry->bytes_;
    texts[entry->text_.id()] = entry->text_.size();
  }
  for (const auto& [text, bytes] : texts) all += bytes;
  return all;
}

bool ConnectionTable::hold(Entry& entry, std::size_t bytes, const SharedText& text) {
  entry.bytes_ = bytes;
  entry.text_ = text;
  while (held() > limits_.buffered) {
    Entry* longest = nullptr;
    for (auto* other : entries_) {
      const bool holds = other->bytes_ + other->text_.size() > 0;
      if (other == &entry || !holds || other->phase == Entry::Phase::busy) continue;
      if (longest == nullptr || other->since < longest->since) longest = other;
    }
    if (longest == nullptr) return false;
    evict(*longest);
  }
  return true;
}

void ConnectionTable::release(Entry& entry) {
  entry.bytes_ = 0;
  entry.text_ = {};
}

void ConnectionTable::drain_all() {
  for (auto* entry : std::vector(entries_)) entry->drain();
}

void ConnectionTable::evict_all() {
  for (auto* entry : std::vector(entries_)) evict(*entry);
}

}  // namespace evenkeel::http
