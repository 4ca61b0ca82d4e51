#include "agent/demo/metrics_text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>

namespace evenkeel::demo {
namespace {

// Writes families one after the other into a text.
class Families {
 public:
  explicit Families(std::string& text) : text_(text) {}

  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   type);
  }
  // `labels` has its braces, or is empty.
  void sample(std::string_view labels, double value) { sample("", labels, value); }
  void sample(std::string_view suffix, std::string_view labels, double value) {
    fmt::format_to(std::back_inserter(text_), "{}{}{} {}\n", name_, suffix, labels,
                   go_number(value));
  }
  void single(std::string_view name, std::string_view type, std::string_view help,
              std::string_view labels, double value) {
    begin(name, type, help);
    sample(labels, value);
  }
  // `labels` has no braces and may be empty. Every observation took `sum / count`.
  void histogram(std::string_view labels, const std::vector<double>& bounds, double count,
                 double sum) {
    const std::string comma = labels.empty() ? "" : ",";
    const double each = count > 0 ? sum / count : 0;
    for (const double bound : bounds) {
      sample("_bucket", fmt::format("{{{}{}le=\"{}\"}}", labels, comma, go_number(bound)),
             each <= bound ? count : 0);
    }
    sample("_bucket", fmt::format("{{{}{}le=\"+Inf\"}}", labels, comma), count);
    const std::string braced = labels.empty() ? "" : fmt::format("{{{}}}", labels);
    sample("_sum", braced, sum);
    sample("_count", braced, count);
  }

 private:
  std::string& text_;
  std::string_view name_;
};

std::vector<double> powers_of_two(double last) {
  std::vector<double> bounds;
  for (double bound = 1; bound <= last; bound *= 2) bounds.push_back(bound);
  return bounds;
}

// The figures of Go's runtime look right and mean nothing. They grow slowly with time.
void go_families(Families& out, const ProcessTimes& process, const Release& release) {
  const double uptime = process.uptime_seconds;
  out.begin("go_gc_duration_seconds", "summary", "How long garbage collection paused the process.");
  constexpr std::array<std::pair<const char*, double>, 5> quantiles{
      {{"0", 5.1e-05}, {"0.25", 8.9e-05}, {"0.5", 0.000127}, {"0.75", 0.0002}, {"1", 0.004}}};
  const double collections = std::floor(uptime / 2);
  for (const auto& [quantile, value] : quantiles) {
    out.sample(fmt::format("{{quantile=\"{}\"}}", quantile), value);
  }
  out.sample("_sum", "", collections * 0.0004);
  out.sample("_count", "", collections);
  out.single("go_goroutines", "gauge", "Goroutines there are now.", "", 57);
  out.single("go_info", "gauge", "The Go environment.", "{version=\"go1.20.4\"}", 1);
  struct Figure {
    const char* name;
    const char* type;
    double value;
    const char* help;
  };
  const Figure figures[] = {
      {"alloc_bytes", "gauge", 20195424, "Heap bytes in use."},
      {"alloc_bytes_total", "counter", 163905496 + uptime * 1e6, "Heap bytes ever allocated."},
      {"buck_hash_sys_bytes", "gauge", 1485395, "Bytes of the profiler's hash table."},
      {"frees_total", "counter", 633568 + std::floor(uptime * 900), "Objects ever freed."},
      {"gc_sys_bytes", "gauge", 9123896, "Bytes of the collector's own data."},
      {"heap_alloc_bytes", "gauge", 20195424, "Heap bytes allocated."},
      {"heap_idle_bytes", "gauge", 29491200, "Heap bytes waiting for use."},
      {"heap_inuse_bytes", "gauge", 24150016, "Heap bytes in spans in use."},
      {"heap_objects", "gauge", 62822, "Objects on the heap."},
      {"heap_released_bytes", "gauge", 2629632, "Heap bytes given back to the system."},
      {"heap_sys_bytes", "gauge", 53641216, "Heap bytes taken from the system."},
      {"last_gc_time_seconds", "gauge", process.started_unix_seconds + std::floor(uptime / 2) * 2,
       "When garbage was last collected, unix time."},
      {"lookups_total", "counter", 0, "Pointer lookups."},
      {"mallocs_total", "counter", 696390 + std::floor(uptime * 950), "Objects ever allocated."},
      {"mcache_inuse_bytes", "gauge", 2400, "Bytes of mcache structures in use."},
      {"mcache_sys_bytes", "gauge", 15600, "Bytes of mcache structures."},
      {"mspan_inuse_bytes", "gauge", 214240, "Bytes of mspan structures in use."},
      {"mspan_sys_bytes", "gauge", 424320, "Bytes of mspan structures."},
      {"next_gc_bytes", "gauge", 50846736, "Heap bytes at which garbage is next collected."},
      {"other_sys_bytes", "gauge", 613389, "Other bytes taken from the system."},
      {"stack_inuse_bytes", "gauge", 884736, "Stack bytes in use."},
      {"stack_sys_bytes", "gauge", 884736, "Stack bytes taken from the system."},
      {"sys_bytes", "gauge", 66188552, "All bytes taken from the system."},
  };
  for (const auto& figure : figures) {
    // The Go that 2.6 was built with no longer has it.
    if (release.at_least(2, 6) && std::string_view(figure.name) == "lookups_total") continue;
    out.single(fmt::format("go_memstats_{}", figure.name), figure.type, figure.help, "",
               figure.value);
  }
  out.single("go_threads", "gauge", "Threads of the system.", "", 9);
}

void process_families(Families& out, const ProcessTimes& process, double resident) {
  out.single("process_cpu_seconds_total", "counter", "Processor time used.", "",
             std::round(process.uptime_seconds * 3) / 100);
  out.single("process_max_fds", "gauge", "Most files it may have open.", "", 20000);
  out.single("process_open_fds", "gauge", "Files it has open.", "", 18);
  out.single("process_resident_memory_bytes", "gauge", "Memory that is resident.", "", resident);
  out.single("process_start_time_seconds", "gauge", "When it started, unix time.", "",
             process.started_unix_seconds);
  out.single("process_virtual_memory_bytes", "gauge", "Memory that is addressed.", "",
             resident + 1.6e9);
  out.single("process_virtual_memory_max_bytes", "gauge", "Most memory it may address.", "",
             18446744073709551615.0);
}

std::string number_label(const char* name, std::int64_t value) {
  return fmt::format("{}=\"{}\"", name, value);
}

// Writes labels of one holding in alphabetical order, as Prometheus's client does. They changed
// twice: in 2.4 names came, and in 2.5 partitions went.
class HoldingLabels {
 public:
  HoldingLabels(const Release& release, std::string node)
      : release_(release), node_(std::move(node)) {}

  [[nodiscard]] std::string entity_num(const Holding& holding, const char* state = "Sealed") const {
    if (!release_.has_levels()) return old(holding, "");
    const auto partition = release_.has_console() ? "" : partition_of(holding) + ",";
    return fmt::format("{{{},collection_name=\"{}\",db_name=\"{}\",{},{}segment_state=\"{}\"}}",
                       collection_of(holding), holding.name, holding.database, node_, partition,
                       state);
  }
  [[nodiscard]] std::string entity_size(const Holding& holding,
                                        const char* state = "Sealed") const {
    return fmt::format("{{{},{},segment_state=\"{}\"}}", collection_of(holding), node_, state);
  }
  [[nodiscard]] std::string segment_num(const Holding& holding) const {
    // Only a streaming node counts a collection of which it holds nothing: by its deletes.
    const char* level = holding.segments == 0 ? "segment_level=\"L0\"," : "segment_level=\"L1\",";
    if (!release_.has_levels()) return old(holding, "");
    if (!release_.has_console()) return old(holding, level);
    return fmt::format("{{{},{},{}segment_state=\"Sealed\"}}", collection_of(holding), node_,
                       level);
  }

 private:
  static std::string collection_of(const Holding& holding) {
    return number_label("collection_id", static_cast<std::int64_t>(holding.collection));
  }
  static std::string partition_of(const Holding& holding) {
    return number_label("partition_id", static_cast<std::int64_t>(holding.collection) + 1);
  }
  [[nodiscard]] std::string old(const Holding& holding, std::string_view level) const {
    return fmt::format("{{{},indexed_field_count=\"0\",{},{},{}segment_state=\"Sealed\"}}",
                       collection_of(holding), node_, partition_of(holding), level);
  }

  Release release_;
  std::string node_;
};

void collection_families(Families& out, const NodeFigures& figures, const std::string& node) {
  const HoldingLabels labels(figures.release, node);
  constexpr const char* growing = "Growing";  // of streaming nodes, where nothing grows here
  out.begin("milvus_querynode_entity_num", "gauge",
            "Rows that can be searched, by collection, partition and state.");
  for (const auto& holding : figures.holdings) {
    if (figures.streaming) out.sample(labels.entity_num(holding, growing), 0);
    out.sample(labels.entity_num(holding), static_cast<double>(holding.rows));
  }
  out.begin("milvus_querynode_entity_size", "gauge", "Bytes of rows, by collection and state.");
  for (const auto& holding : figures.holdings) {
    if (figures.streaming) out.sample(labels.entity_size(holding, growing), 0);
    out.sample(labels.entity_size(holding), static_cast<double>(holding.stated));
  }
  out.begin("milvus_querynode_segment_num", "gauge",
            "Segments loaded, by collection, partition and state.");
  for (const auto& holding : figures.holdings) {
    out.sample(labels.segment_num(holding), static_cast<double>(holding.segments));
  }
}

// The log's families tell a streaming node from a query node: both say role_name="querynode".
void log_families(Families& out, const std::string& node, double uptime) {
  const auto of_channel = [&](int channel, const char* type) {
    return fmt::format("{{channel_name=\"by-dev-rootcoord-dml_{}\",{},type=\"{}\"}}", channel, node,
                       type);
  };
  constexpr int channels = 2;
  constexpr double ticks_per_second = 5;
  out.begin("milvus_wal_acknowledge_time_tick_total", "counter", "Time ticks acknowledged.");
  for (int channel = 0; channel < channels; ++channel) {
    out.sample(of_channel(channel, "common"), 0);
    out.sample(of_channel(channel, "sync"), std::floor(uptime * ticks_per_second));
  }
}

void node_families(Families& out, const NodeFigures& figures) {
  const auto node = fmt::format("node_id=\"{}\"", static_cast<std::int64_t>(figures.id));
  const auto braced = "{" + node + "}";
  const auto collections = static_cast<double>(figures.holdings.size());
  if (figures.release.has_levels()) {
    out.single("milvus_build_info", "gauge", "What was built.",
               fmt::format("{{built=\"\",git_commit=\"\",version=\"{}\"}}", figures.version), 1);
  }
  out.single("milvus_num_node", "gauge", "Nodes and coordinators of this process.",
             "{" + node + ",role_name=\"querynode\"}", 1);
  out.single("milvus_querynode_collection_num", "gauge", "Collections loaded.", braced,
             collections);
  out.single("milvus_querynode_disk_used_size", "gauge", "Disk in use, in MB.", braced, 198.7);
  collection_families(out, figures, node);
  out.begin("milvus_querynode_load_segment_latency", "histogram",
            "How long segments take to load.");
  out.histogram(node, {0.1, 0.5, 1, 5, 10, 20, 50, 100, 300, 600, 1200},
                static_cast<double>(figures.loads.count), figures.loads.seconds);
  if (!figures.release.at_least(2, 6)) {  // later ones do not count partitions, nor inserts here
    out.single("milvus_querynode_partition_num", "gauge", "Partitions loaded.", braced,
               collections);
    out.begin("milvus_querynode_process_insert_or_delete_latency", "histogram",
              "How long inserts and deletes take, in ms.");
    out.histogram("msg_type=\"insert\"," + node, powers_of_two(131072), 0, 0);
  }
  out.single("milvus_querynode_read_task_ready_len", "gauge", "Reads that are ready to run.",
             braced, 0);
  if (figures.streaming) log_families(out, node, figures.process.uptime_seconds);
}

void idle_histogram(std::string& text, std::string_view name, std::string_view help,
                    const std::vector<std::string>& labels) {
  Families out(text);
  out.begin(name, "histogram", help);
  static const auto bounds = powers_of_two(65536);
  for (const auto& each : labels) out.histogram(each, bounds, 0, 0);
}

std::string idle_families() {
  std::string text;
  const auto operation = [](const char* type) {
    return fmt::format("persistent_data_op_type=\"{}\"", type);
  };
  const std::vector<std::string> all{operation("get"), operation("list"), operation("put"),
                                     operation("remove"), operation("stat")};
  idle_histogram(text, "internal_storage_kv_size", "Sizes of objects stored.", {all[0], all[2]});
  idle_histogram(text, "internal_storage_request_latency", "How long storage answers take, in ms.",
                 all);
  for (const auto* name : {"ann_iterator_init", "build", "load", "range_search", "search"}) {
    idle_histogram(text, fmt::format("knowhere_{}_latency", name), "How long it takes.", {""});
  }
  return text;
}

}  // namespace

std::string go_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e6);
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  return {buffer.data(), end.ptr};
}

std::string node_metrics(const NodeFigures& figures) {
  std::string text;
  text.reserve(16'384);
  Families out(text);
  go_families(out, figures.process, figures.release);
  node_families(out, figures);
  process_families(out, figures.process, static_cast<double>(figures.resident));
  return text;
}

std::string constant_metrics(std::size_t padding) {
  auto text = idle_families();
  const auto enough = text.size() + padding;
  for (int number = 1; text.size() < enough; ++number) {
    idle_histogram(text, fmt::format("internal_filler_{}_latency", number), "Nothing of interest.",
                   {"operation=\"none\""});
  }
  return text;
}

std::string coordinator_metrics(const CoordinatorFigures& figures) {
  constexpr double resident = 122126336;
  std::string text;
  Families out(text);
  go_families(out, figures.process, figures.release);
  out.single("milvus_num_node", "gauge", "Nodes and coordinators of this process.",
             fmt::format("{{node_id=\"{}\",role_name=\"querycoord\"}}",
                         static_cast<std::int64_t>(figures.id)),
             1);
  out.single("milvus_querycoord_collection_num", "gauge", "Collections loaded.", "",
             static_cast<double>(figures.collections));
  out.single("milvus_querycoord_querynode_num", "gauge", "Query nodes known.", "",
             static_cast<double>(figures.nodes));
  process_families(out, figures.process, resident);
  return text;
}

}  // namespace evenkeel::demo
