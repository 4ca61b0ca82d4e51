#include "agent/journal/sqlite_journal.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "agent/util/race.hpp"

namespace evenkeel::journal {
namespace {

constexpr std::size_t kMostWaiting = 16;
// Writes wait for readings, and must not wait for long.
constexpr int kMostReadings = 2;

}  // namespace

// The store, and the thread that works on it.
class SqliteJournal::Desk {
 public:
  explicit Desk(StoreOptions options) : options_(std::move(options)) {
    recalled_.forgotten = open();
    if (store_) recalled_ = store_->recalled();
    thread_ = std::thread([this] { run(); });
  }
  ~Desk() {
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  [[nodiscard]] loop::Recalled recall() { return std::exchange(recalled_, {}); }

  // Has the thread call `work`. False: too much waits, since the disk does not answer.
  [[nodiscard]] bool post(std::function<void()> work) {
    {
      const std::scoped_lock lock(mutex_);
      if (waiting_.size() >= kMostWaiting) return false;
      waiting_.push_back(std::move(work));
    }
    changed_.notify_one();
    return true;
  }

  // Has the thread read, unless others read already. False: nothing is posted.
  [[nodiscard]] bool post_reading(std::function<void()> read) {
    if (++readings_ > kMostReadings) {
      --readings_;
      return false;
    }
    const bool taken = post([this, read = std::move(read)] {
      read();
      --readings_;
    });
    if (!taken) --readings_;
    return taken;
  }

  // The thread alone calls these.
  [[nodiscard]] tl::expected<void, std::string> write(const loop::JournalEntry& entry) {
    if (std::string trouble = open(); !trouble.empty()) return tl::unexpected(std::move(trouble));
    auto written = store_->write(entry);
    if (!written) store_.reset();
    return written;
  }
  [[nodiscard]] tl::expected<std::vector<std::string>, std::string> read(
      const HistoryQuery& query) {
    if (std::string trouble = open(); !trouble.empty()) return tl::unexpected(std::move(trouble));
    return store_->read(query);
  }

  [[nodiscard]] std::string slow() const {
    return "the journal " + options_.path + " cannot be used: its disk has not answered for " +
           std::to_string(kPatience.count()) + " s; look at the disk";
  }

 private:
  // Opens the store unless it is open. Returns what keeps it from that, in words.
  [[nodiscard]] std::string open() {
    if (store_) return {};
    auto opened = Store::open(options_);
    if (!opened) return opened.error();
    store_.emplace(*std::move(opened));
    return {};
  }

  // Does all that waits, also once it has ended.
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const auto work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }

  StoreOptions options_;
  std::optional<Store> store_;
  loop::Recalled recalled_;
  std::atomic<int> readings_{0};  // that wait or are under way
  std::mutex mutex_;              // guards all below
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool ended_ = false;
  std::thread thread_;
};

SqliteJournal::SqliteJournal(StoreOptions options)
    : desk_(std::make_unique<Desk>(std::move(options))) {}

SqliteJournal::~SqliteJournal() = default;

loop::Recalled SqliteJournal::recall() {
  return desk_->recall();
}

Awaitable<tl::expected<void, std::string>> SqliteJournal::write(loop::JournalEntry entry) {
  struct Reply {
    explicit Reply(const asio::any_io_executor& executor) : come(executor) {}
    Event come;
    tl::expected<void, std::string> result;
  };
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto reply = std::make_shared<Reply>(executor);
  const auto shared = std::make_shared<const loop::JournalEntry>(std::move(entry));
  const bool taken = desk_->post([desk = desk_.get(), shared, reply, executor] {
    auto result = desk->write(*shared);
    asio::post(executor, [reply, result = std::move(result)]() mutable {
      reply->result = std::move(result);
      reply->come.set();
    });
  });
  if (taken) {
    asio::steady_timer patience(executor, kPatience);
    co_await race(reply->come.wait(), patience.async_wait(asio::as_tuple(asio::use_awaitable)));
  }
  if (!reply->come.is_set()) co_return tl::unexpected(desk_->slow());
  co_return std::move(reply->result);
}

tl::expected<std::vector<std::string>, std::string> SqliteJournal::read(const HistoryQuery& query) {
  using Answer = tl::expected<std::vector<std::string>, std::string>;
  const auto promise = std::make_shared<std::promise<Answer>>();
  auto answer = promise->get_future();
  const bool taken = desk_->post_reading(
      [desk = desk_.get(), query, promise] { promise->set_value(desk->read(query)); });
  if (!taken) {
    return tl::unexpected(std::string("others read the journal at the moment; ask again"));
  }
  if (answer.wait_for(kPatience) != std::future_status::ready) {
    return tl::unexpected(desk_->slow());
  }
  return answer.get();
}

}  // namespace evenkeel::journal
