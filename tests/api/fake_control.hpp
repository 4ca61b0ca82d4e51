#pragma once
// A loop that remembers what it was asked.

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "agent/loop/control.hpp"

namespace evenkeel::api {

class FakeControl final : public loop::Control {
 public:
  loop::SnapshotPtr picture;
  std::optional<loop::Denial> denial;
  bool takes_up = true;  // pauses at once; else never
  bool ends = false;     // instead of taking them up

  std::vector<loop::RoundRequest> rounds;
  std::vector<loop::TransferRequest> transfers;
  std::vector<loop::PauseRequest> pauses;
  int resumes = 0;
  std::vector<loop::DrainRequest> drains;
  bool refuses_drains = false;  // as if what it knows had changed
  std::map<loop::AlertResult, std::uint64_t> counts;

  [[nodiscard]] loop::SnapshotPtr snapshot() const override { return picture; }
  [[nodiscard]] Answer ask(loop::RoundRequest request) override {
    return take(rounds, std::move(request));
  }
  [[nodiscard]] Answer ask(loop::TransferRequest request) override {
    return take(transfers, std::move(request));
  }
  [[nodiscard]] Answer ask(loop::PauseRequest request) override {
    loop::Pause pause;
    pause.reason = request.reason;
    pause.by = request.by;
    if (request.length) pause.until = picture->at + *request.length;
    return taken_up(take(pauses, std::move(request)), pause);
  }
  [[nodiscard]] Answer ask(loop::ResumeRequest) override {
    if (denial) return tl::unexpected(*denial);
    ++resumes;
    return taken_up(loop::Ticket{++number_, {}}, std::nullopt);
  }
  [[nodiscard]] Answer ask(loop::DrainRequest request) override {
    auto ledger = *picture->ledger;
    if (!request.drained) {
      ledger.drains().end(request.node);
    } else if (!refuses_drains) {
      ledger.drains().begin(
          request.node,
          {.since = picture->at, .by = request.by, .reason = request.reason, .seen = picture->at});
    }
    next_ledger_ = std::make_shared<const rules::Ledger>(std::move(ledger));
    return taken_up(take(drains, std::move(request)), picture->pause);
  }
  void count(loop::AlertResult result, std::uint64_t times) override {
    if (times > 0) counts[result] += times;
  }

 private:
  template <typename Request>
  Answer take(std::vector<Request>& into, Request request) {
    if (denial) return tl::unexpected(*denial);
    into.push_back(std::move(request));
    return loop::Ticket{++number_, {}};
  }
  Answer taken_up(Answer answer, const std::optional<loop::Pause>& pause) {
    if (!answer) return answer;
    std::promise<loop::SnapshotPtr> promise;
    answer->taken_up = promise.get_future();
    if (takes_up && !ends) {
      auto next = std::make_shared<loop::Snapshot>(*picture);
      next->pause = pause;
      if (next_ledger_) next->ledger = next_ledger_;
      promise.set_value(next);
    }
    if (!ends) kept_.push_back(std::move(promise));
    return answer;
  }

  std::uint64_t number_ = 0;
  std::shared_ptr<const rules::Ledger> next_ledger_;
  std::vector<std::promise<loop::SnapshotPtr>> kept_;
};

}  // namespace evenkeel::api
