#include "agent/telemetry/exposition_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "agent/util/utf8.hpp"

namespace evenkeel::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '"':
        out += "\\\"";
        break;
      default:
        out += c;
    }
  }
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    // Writes whole numbers as people do (1000000, not 1e+06), others as short as they can be read
    // back.
    constexpr double kExactIntegers = 9007199254740992;  // 2^53
    std::array<char, 32> digits{};
    const bool whole = std::trunc(value) == value && std::abs(value) < kExactIntegers;
    const auto end = digits.data() + digits.size();
    const auto written = whole ? std::to_chars(digits.data(), end, static_cast<std::int64_t>(value))
                               : std::to_chars(digits.data(), end, value);
    out.append(digits.data(), written.ptr);
  }
}

// `bound`: a histogram bucket's upper one.
void append_sample(std::string& out, std::string_view name, std::string_view suffix,
                   const Labels& labels, double value, std::optional<double> bound = {}) {
  out.append(name).append(suffix);
  char separator = '{';
  for (const auto& label : labels) {
    out += separator;
    out.append(label.name).append("=\"");
    append_escaped(out, label.value);
    out += '"';
    separator = ',';
  }
  if (bound) {
    out += separator;
    out += "le=\"";
    append_number(out, *bound);
    out += '"';
  }
  if (bound || !labels.empty()) out += '}';
  out += ' ';
  append_number(out, value);
  out += '\n';
}

std::string_view type_name(MetricType type, Format format) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Histogram:
      return "histogram";
    case MetricType::Untyped:
    case MetricType::Summary:
      break;
  }
  return format == Format::openmetrics ? "unknown" : "untyped";
}

void append_histogram(std::string& out, const std::string& name, const ClientMetric& metric) {
  const auto& [count, sum, buckets] = metric.histogram;
  append_sample(out, name, "_count", metric.label, static_cast<double>(count));
  append_sample(out, name, "_sum", metric.label, sum);
  for (const auto& bucket : buckets) {
    append_sample(out, name, "_bucket", metric.label, static_cast<double>(bucket.cumulative_count),
                  bucket.upper_bound);
  }
}

void append_metric(std::string& out, const MetricFamily& family, const ClientMetric& metric) {
  if (family.type == MetricType::Histogram) {
    append_histogram(out, family.name, metric);
  } else {
    const bool counter = family.type == MetricType::Counter;
    append_sample(out, family.name, "", metric.label,
                  counter ? metric.counter.value : metric.gauge.value);
  }
}

// OpenMetrics names a family of counters without the suffix that their samples have.
std::string_view described_name(const MetricFamily& family, Format format) {
  constexpr std::string_view kSuffix = "_total";
  std::string_view name = family.name;
  if (format == Format::openmetrics && family.type == MetricType::Counter &&
      name.ends_with(kSuffix)) {
    name.remove_suffix(kSuffix.size());
  }
  return name;
}

MetricFamily family(std::string name, std::string help, MetricType type) {
  return {.name = std::move(name), .help = std::move(help), .type = type, .metric = {}};
}

}  // namespace

ClientMetric::Label label(std::string name, std::string_view value) {
  return {.name = std::move(name), .value = valid_utf8(value)};
}

MetricFamily gauges(std::string name, std::string help) {
  return family(std::move(name), std::move(help), MetricType::Gauge);
}

MetricFamily counters(std::string name, std::string help) {
  return family(std::move(name), std::move(help), MetricType::Counter);
}

void add(MetricFamily& family, double value, Labels labels) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void ExpositionText::add(const MetricFamily& family) {
  const std::string_view name = described_name(family, format_);
  std::string text = "# HELP ";
  text.append(name) += ' ';
  if (format_ == Format::openmetrics) {
    append_escaped(text, family.help);
  } else {
    text += family.help;
  }
  text.append("\n# TYPE ").append(name) += ' ';
  text.append(type_name(family.type, format_)) += '\n';
  for (const auto& metric : family.metric) append_metric(text, family, metric);
  families_.emplace_back(family.name, std::move(text));
}

std::string ExpositionText::text() && {
  std::sort(families_.begin(), families_.end());
  constexpr std::string_view kEnd = "# EOF\n";
  std::size_t size = kEnd.size();
  for (const auto& [name, text] : families_) size += text.size();
  std::string whole;
  whole.reserve(size);
  for (const auto& [name, text] : families_) whole += text;
  if (format_ == Format::openmetrics) whole += kEnd;
  return whole;
}

}  // namespace evenkeel::telemetry
