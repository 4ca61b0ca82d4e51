#pragma once
// From a value as written to a value of its type: each reader checks type and range, and where they
// are wrong reports that at its place and gives nothing. Internal to settings.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/settings/value.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::settings {

// Both ends belong to it.
template <typename T>
struct Range {
  T lowest;
  T highest;
  std::string_view reason = {};  // why, where the message should say so
};

using Milliseconds = std::chrono::milliseconds;

std::optional<bool> read_boolean(const Value& value, Problems& problems);
std::optional<std::int64_t> read_whole(const Value& value, const Range<std::int64_t>& range,
                                       Problems& problems);
std::optional<double> read_number(const Value& value, const Range<double>& range,
                                  Problems& problems);
// Written and checked as a percentage, given as a ratio: 90 is 0.9.
std::optional<double> read_percentage(const Value& value, const Range<double>& range,
                                      Problems& problems);
// "16GiB", or a whole number of bytes.
std::optional<rules::Bytes> read_size(const Value& value, const Range<rules::Bytes>& range,
                                      Problems& problems);
std::optional<Milliseconds> read_duration(const Value& value, const Range<Milliseconds>& range,
                                          Problems& problems);
// The name of a file, perhaps empty. Whether the file is there is for its user to find out.
std::optional<std::string> read_file_name(const Value& value, Problems& problems);
std::optional<std::string> read_choice(const Value& value, const std::vector<std::string>& choices,
                                       Problems& problems);
// A server's URL without a path.
std::optional<std::string> read_server(const Value& value, Problems& problems);
// The same, or nothing.
std::optional<std::string> read_optional_server(const Value& value, Problems& problems);
// A user of HTTP's Basic authentication, or nothing: no colon, which ends it there.
std::optional<std::string> read_user_name(const Value& value, Problems& problems);
// Names as Milvus takes them for databases, none twice.
std::optional<std::vector<std::string>> read_databases(const Value& value, Problems& problems);
std::optional<std::string> read_listen_address(const Value& value, Problems& problems);
// Names or IP addresses as a Host header has them, without a port; in lower case, without brackets.
std::optional<std::vector<std::string>> read_hosts(const Value& value, Problems& problems);
// Complete URLs, none twice.
std::optional<std::vector<std::string>> read_targets(const Value& value, Problems& problems);
// "auto" is no size.
std::optional<std::optional<rules::Bytes>> read_capacity(const Value& value, Problems& problems);
std::optional<std::map<std::string, rules::Bytes>> read_node_capacities(const Value& value,
                                                                        Problems& problems);

}  // namespace evenkeel::settings
