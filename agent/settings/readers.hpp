#pragma once
// Readers from a value as written to a value of its type: each checks type and range; it reports a
// mistake at its place and returns none. Internal to settings.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/settings/document.hpp"
#include "agent/windows/window.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::settings {

// The allowed values, with both ends.
template <typename T>
struct Range {
  T lowest;
  T highest;
  std::string_view reason = {};  // the reason, if the message should give it
};

using Milliseconds = std::chrono::milliseconds;

// Reports a mistake at the value's place: what is wrong with it, or that another type was expected.
void complain(Problems& problems, const Value& value, std::string what);
void wrong_type(Problems& problems, const Value& value, const std::string& expected);

std::optional<bool> read_boolean(const Value& value, Problems& problems);
std::optional<std::int64_t> read_whole(const Value& value, const Range<std::int64_t>& range,
                                       Problems& problems);
std::optional<double> read_number(const Value& value, const Range<double>& range,
                                  Problems& problems);
// The value is checked as a percentage and returned as a ratio: 90 is 0.9.
std::optional<double> read_percentage(const Value& value, const Range<double>& range,
                                      Problems& problems);
// Takes "16GiB", or a whole number of bytes.
std::optional<rules::Bytes> read_size(const Value& value, const Range<rules::Bytes>& range,
                                      Problems& problems);
std::optional<Milliseconds> read_duration(const Value& value, const Range<Milliseconds>& range,
                                          Problems& problems);
// Takes a file's name, perhaps empty; its user finds out whether the file is there.
std::optional<std::string> read_file_name(const Value& value, Problems& problems);
std::optional<std::string> read_choice(const Value& value, const std::vector<std::string>& choices,
                                       Problems& problems);
// Takes a server's URL without a path.
std::optional<std::string> read_server(const Value& value, Problems& problems);
// Takes the same, or an empty text.
std::optional<std::string> read_optional_server(const Value& value, Problems& problems);
// Takes the same as read_server(), or a server of gRPC: "grpc://host[:port]" or "grpcs://…".
std::optional<std::string> read_milvus(const Value& value, Problems& problems);
// Takes several of them, none twice.
std::optional<std::vector<std::string>> read_servers(const Value& value, Problems& problems);
// Takes a prefix of keys such as "by-dev", without a slash at its ends.
std::optional<std::string> read_root_path(const Value& value, Problems& problems);
// Takes a user of HTTP's Basic authentication, which ends it at a colon, or an empty text.
std::optional<std::string> read_user_name(const Value& value, Problems& problems);
// Takes up to 100 bytes without control characters.
std::optional<std::string> read_short_text(const Value& value, Problems& problems);
// Takes names as Milvus takes them for databases, none twice.
std::optional<std::vector<std::string>> read_databases(const Value& value, Problems& problems);
std::optional<std::string> read_listen_address(const Value& value, Problems& problems);
// Takes names or IP addresses as in a Host header, without a port; in lower case, without brackets.
std::optional<std::vector<std::string>> read_hosts(const Value& value, Problems& problems);
// Takes complete URLs, none twice.
std::optional<std::vector<std::string>> read_targets(const Value& value, Problems& problems);
// The inner optional is empty for "auto".
std::optional<std::optional<rules::Bytes>> read_capacity(const Value& value, Problems& problems);
std::optional<std::map<std::string, rules::Bytes>> read_node_capacities(const Value& value,
                                                                        Problems& problems);

// These are in window_readers.cpp. Takes days and ranges of days such as "mon-fri", which may pass
// Sunday; at least one, none twice.
std::optional<windows::Days> read_days(const Value& value, Problems& problems);
// Takes a time of day as "HH:MM", from `lowest` to `highest`.
std::optional<std::chrono::minutes> read_time_of_day(const Value& value,
                                                     const Range<std::chrono::minutes>& range,
                                                     Problems& problems);
// Takes the name of a zone that this machine knows.
std::optional<std::string> read_time_zone(const Value& value, Problems& problems);

}  // namespace evenkeel::settings
