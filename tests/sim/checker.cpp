#include "tests/sim/checker.hpp"

#include <algorithm>
#include <utility>

#include "rules/admit.hpp"
#include "rules/explain.hpp"
#include "tests/rules/replay.hpp"

namespace evenkeel::sim {
namespace {

// The proxy's answer may be so old.
constexpr Duration kCachedAtMost = std::chrono::seconds{5};
constexpr std::size_t kMostViolations = 5;  // the first ones tell enough
// What changes may find a call past the agent's last look.
constexpr Duration kLastLook = std::chrono::seconds{2};
constexpr Duration kWritten = std::chrono::seconds{5};  // a move, before it is sent, with all looks

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

// A load that the lists do not show is over before the agent gives its room away.
bool loads_in_time(const World& world) {
  const auto& milvus = world.settings.milvus;
  const double seconds = std::chrono::duration<double>(milvus.move_timeout + milvus.verify_timeout +
                                                       world.settings.balance.policy.settle)
                             .count();
  return std::all_of(
      world.collections.begin(), world.collections.end(), [&](const CollectionSpec& collection) {
        return std::all_of(collection.segments.begin(), collection.segments.end(),
                           [&](const SegmentSpec& segment) {
                             const auto bytes =
                                 static_cast<double>(segment.rows * collection.row_bytes);
                             const auto speed = static_cast<double>(world.manners.load_speed);
                             return bytes / speed + 1 < seconds;
                           });
      });
}

// Can memory do nothing in this world but what the agent is told in time?
bool is_honest(const World& world) {
  const Manners& manners = world.manners;
  const auto weight = [&](MoveEnd end) { return manners.move_ends[static_cast<std::size_t>(end)]; };
  // An agent knows of another's moves, or of those before it began, what the lists show.
  const bool shown = manners.transit_shown;
  const bool harmless =
      std::all_of(world.events.begin(), world.events.end(), [shown](const Event& event) {
        switch (event.what) {
          case Happening::metrics_missing:
          case Happening::metrics_hang:
          case Happening::metrics_invalid:
          case Happening::metrics_old:
          case Happening::node_list_hangs:
          case Happening::coordinator_hangs:
          case Happening::replicas_refused:
          case Happening::coordinator_restarts:
          case Happening::compaction:
          case Happening::stuck_task:
          case Happening::person_moves:
          case Happening::node_drained:
            return true;
          case Happening::agent_paused:
          case Happening::agent_cut_off:
            return true;
          case Happening::agent_restarts:
          case Happening::agent_killed:
            return shown;
          default:
            return false;
        }
      });
  // From 2.4 on the schema is what there is where no node says how large its segments are.
  const bool by_schema = manners.sizes == Sizes::schema || world.since(2, 4);
  if (world.second_agent && !shown) return false;
  if (!shown && !loads_in_time(world)) return false;
  return harmless && manners.noise <= 0 && weight(MoveEnd::error_moved) == 0 &&
         weight(MoveEnd::timeout_moved) == 0 &&
         manners.peak <= world.settings.balance.policy.loading_peak &&
         (!by_schema || manners.schema_error >= 1);
}

}  // namespace

Checker::Checker(const World& world, Cluster& cluster, std::vector<Violation>& violations,
                 Trace trace)
    : world_(world),
      cluster_(cluster),
      trace_(std::move(trace)),
      policy_(world.settings.balance.policy),
      honest_(is_honest(world)),
      person_forces_(std::any_of(world.events.begin(), world.events.end(),
                                 [](const Event& event) {
                                   return event.what == Happening::person_moves &&
                                          event.amount == 1;
                                 })),
      violations_(violations),
      began_(cluster.now()) {}

// The collection itself is read once more just before the call.
TimePoint Checker::looked_at(CollectionId moved, CollectionId other) const {
  if (moved != other) return picture_ == nullptr ? TimePoint{} : picture_->begun_at;
  const auto told = told_.find(moved);
  return told == told_.end() ? TimePoint{} : told->second.at;
}

void Checker::violate(const std::string& rule, const std::string& detail) const {
  if (violations_.size() >= kMostViolations) return;
  violations_.push_back({cluster_.now(), rule, detail});
  trace([&] { return "VIOLATION " + rule + ": " + detail; });
}

void Checker::trace(const std::function<std::string()>& line) const {
  if (trace_) trace_(cluster_.now(), line());
}

// ---- what the agent is told

void Checker::told_replicas(CollectionId id,
                            const milvus::Result<std::vector<milvus::ReplicaInfo>>& answer) {
  Told& told = told_[id];
  if (told.replicas_read && !answer) told.unread_since = cluster_.now();
  told.replicas_read = answer.has_value();
  if (answer && !admitted_.empty()) told.replicas = *answer;
}

void Checker::told_segments(CollectionId id,
                            const milvus::Result<std::vector<milvus::SegmentInfo>>& answer) {
  Told& told = told_[id];
  if (told.segments_read && !answer) told.unread_since = cluster_.now();
  told.segments_read = answer.has_value();
  if (!answer) return;
  told.at = cluster_.now();
  for (Sent& sent : sent_) {
    const auto at = std::find_if(answer->begin(), answer->end(),
                                 [&](const auto& each) { return each.id == sent.move.segment; });
    if (sent.move.collection != id || sent.result || at == answer->end()) continue;
    sent.shown =
        sent.shown || (holds(at->nodes, sent.move.to) && !holds(at->nodes, sent.move.from));
  }
  if (!admitted_.empty()) told.segments = *answer;
}

// `nodes`: where its segment is seen.
void Checker::settle(Sent& sent, const std::vector<NodeId>& nodes) {
  // A dead node goes on being named for a while as one that holds it.
  const Node* destination = cluster_.node(sent.move.to);
  const bool arrives = destination != nullptr && destination->listed && holds(nodes, sent.move.to);
  std::optional<loop::MoveResult> end;
  if (nodes.empty()) {
    end = loop::MoveResult::gone;
  } else if (!holds(nodes, sent.move.from)) {
    end = arrives ? loop::MoveResult::succeeded : loop::MoveResult::failed;
  } else if (!arrives) {
    const auto& timeouts = world_.settings.milvus;
    const Duration unheard = sent.cut_short ? timeouts.move_timeout : Duration{};
    const bool patient = cluster_.now() < sent.at + unheard + timeouts.verify_timeout - kWritten;
    if (!patient) end = loop::MoveResult::failed;
  }
  if (!end) return;
  sent.result = end;
  sent.ended = cluster_.now();
  sent.heard = heard_;
}

// The ends of moves that the agent did not wait for, by what it has read in full.
void Checker::settle_by_picture() {
  if (picture_->observed_at <= took_over_) return;
  for (Sent& sent : sent_) {
    if (sent.result != loop::MoveResult::unknown) continue;
    const bool read = std::any_of(
        picture_->collections.begin(), picture_->collections.end(),
        [&](const auto& each) { return each.id == sent.move.collection && each.complete; });
    std::vector<NodeId> nodes;
    for (const rules::Segment& segment : picture_->segments) {
      const bool same = segment.id == sent.move.segment && segment.replica == sent.move.replica;
      if (same) nodes.push_back(segment.node);
    }
    if (read && (picture_->coordinator_complete || !nodes.empty())) settle(sent, nodes);
  }
}

// A copy on two nodes of one replica is on its way, by another's order.
void Checker::look_for_transits() {
  if (picture_ == nullptr) return;
  const bool whole = picture_->coordinator_complete &&
                     std::all_of(picture_->collections.begin(), picture_->collections.end(),
                                 [](const auto& each) { return each.complete; });
  if (looked_whole_ || !whole) return;
  looked_whole_ = true;
  if (cluster_.now() >= began_ + policy_.settle) return;
  std::map<std::pair<SegmentId, ReplicaId>, NodeId> seen;
  for (const rules::Segment& segment : picture_->segments) {
    const bool sealed = segment.state == rules::SegmentState::sealed;
    if (!sealed || segment.replica == ReplicaId{}) continue;
    const NodeId first =
        seen.emplace(std::pair(segment.id, segment.replica), segment.node).first->second;
    const bool own = std::any_of(sent_.begin(), sent_.end(),
                                 [&](const Sent& sent) { return sent.move.segment == segment.id; });
    if (first != segment.node && !own) rests_until_ = cluster_.now() + policy_.settle;
  }
}

void Checker::check_start() {
  if (cluster_.now() < rests_until_) {
    violate("a call before what was on its way at the start has settled", "");
  }
}

// A coordinator that has just restarted lists nothing, whatever is loaded; an agent that has seen
// nothing else cannot know better.
void Checker::check_belief() {
  if (picture_ == nullptr) return;
  seen_loaded_ = seen_loaded_ || !picture_->collections.empty();
  if (!seen_loaded_ || !picture_->collections.empty()) return;
  const bool loaded = std::any_of(
      cluster_.collections().begin(), cluster_.collections().end(),
      [this](const Collection& each) { return !each.released && world_.sees(each.database); });
  if (picture_->coordinator_complete && loaded) {
    violate("believes that nothing is loaded", "");
  }
}

// What the agent keeps of earlier answers must not outlive them.
void Checker::check_places_seen() {
  constexpr Duration kMuchTooLong = std::chrono::seconds{60};
  std::map<std::pair<SegmentId, NodeId>, bool> shown;
  std::map<CollectionId, bool> complete;
  if (picture_ != nullptr && picture_->coordinator_complete) {
    for (const auto& collection : picture_->collections) {
      complete[collection.id] = collection.complete;
    }
    for (const auto& segment : picture_->segments) shown[{segment.id, segment.node}] = true;
  }
  std::map<std::pair<SegmentId, std::size_t>, TimePoint> misplaced;
  for (const Collection& collection : cluster_.collections()) {
    if (!complete[collection.id]) continue;
    for (const Segment& segment : collection.segments) {
      for (const Copy& copy : segment.copies) {
        const Node* node = cluster_.node(copy.node);
        const bool settled = !segment.growing && !copy.moving_to && node->listed;
        if (!settled || shown.contains({segment.id, copy.node})) continue;
        const std::pair key(segment.id, copy.replica);
        const auto before = misplaced_.find(key);
        misplaced[key] = before == misplaced_.end() ? cluster_.now() : before->second;
        if (misplaced[key] + kMuchTooLong >= cluster_.now()) continue;
        violate("a picture goes on showing a segment where it is not",
                "segment " + text(segment.id) + " is on node " + text(copy.node));
      }
    }
  }
  misplaced_ = std::move(misplaced);
}

void Checker::forget_released() {
  if (picture_ == nullptr || !picture_->coordinator_complete) return;
  for (Sent& sent : sent_) {
    const bool listed =
        std::any_of(picture_->collections.begin(), picture_->collections.end(),
                    [&](const auto& each) { return each.id == sent.move.collection; });
    if (!listed && sent.result == loop::MoveResult::unknown) sent.result = loop::MoveResult::gone;
  }
}

void Checker::told_samples(const std::vector<scrape::TargetResult>& results) {
  ++heard_;
  for (const auto& result : results) {
    const NodeId before =
        std::exchange(claimed_[result.target], result.figures.id.value_or(claimed_[result.target]));
    const NodeId id = claimed_[result.target];
    if (before != id && before != NodeId{}) samples_[before].good = false;
    if (id == NodeId{}) continue;
    Sampled& sampled = samples_[id];
    sampled.good = result.good();
    if (!result.good() || world_.memory_by_milvus()) continue;
    if (result.at < sampled.at) continue;
    sampled.at = result.at;
    sampled.used = *result.figures.resident;
    sampled.heard = heard_;
  }
}

// Where Milvus's own figures count, they are those of the nodes' memory.
void Checker::told_nodes(const milvus::SystemInfo& info, TimePoint at) {
  if (!world_.memory_by_milvus()) return;
  ++heard_;
  std::map<NodeId, Sampled> samples;
  for (const milvus::QueryNode& node : info.nodes) {
    Sampled& sampled = samples[node.id];
    sampled.at = at - kCachedAtMost;
    sampled.used = node.memory_used;
    sampled.heard = heard_;
  }
  next_samples_.emplace(at, std::move(samples));
}

void Checker::told_roles(const std::vector<milvus::ReplicaRoles>& roles, TimePoint at) {
  std::set<NodeId> leaving;
  for (const milvus::ReplicaRoles& replica : roles) {
    leaving.insert(replica.read_only.begin(), replica.read_only.end());
  }
  next_leaving_.emplace(at, std::move(leaving));
}

void Checker::take_up_what_was_told() {
  if (picture_ == nullptr) return;
  if (next_leaving_ && picture_->observed_at >= next_leaving_->first) {
    leaving_ = std::move(next_leaving_->second);
    next_leaving_.reset();
  }
  if (!next_samples_ || picture_->observed_at < next_samples_->first) return;
  earlier_samples_ = samples_;
  taken_up_ = cluster_.now();
  for (const auto& [id, told] : next_samples_->second) {
    Sampled& sampled = samples_[id];
    sampled.at = told.at;
    sampled.used = told.used;
    sampled.heard = told.heard;
  }
  next_samples_.reset();
}

// ---- what the agent does

void Checker::planned(const rules::Cluster& seen, const rules::Ledger& ledger,
                      const loop::Decision& decision) {
  admitted_ = decision.admission.calls;
  next_ = 0;
  round_moves_ = 0;
  round_bytes_ = 0;
  for (const rules::NodeVerdict& node : decision.judgement->nodes) {
    capacity_[node.id] = node.capacity;
  }
  const rules::Plan& plan = decision.plan;
  asked_ = !plan.moves.empty() && plan.moves.front().urgency == rules::Urgency::asked;
  for (const auto& held : decision.admission.held) {
    waited_for_a_window_ = waited_for_a_window_ || held.gate == rules::Gate::window;
  }
  if (asked_) return;  // a person answers for what it is good for; each call is checked
  namespace check = rules::test;
  for (const std::string& broken :
       check::Replay(seen, *decision.judgement, policy_, ledger).check(plan)) {
    violate("a plan breaks a promise", broken);
  }
  if (plan.moves.empty()) return;
  if (!seen.coordinator_complete) violate("planned on a partial picture", "");
  for (const std::string& broken :
       check::check_rerun(seen, *decision.judgement, policy_, ledger, plan)) {
    violate("a rerun plans on", broken);
  }
  const auto now = cluster_.now();
  const rules::Admission advice = rules::admit(seen, *decision.judgement, plan, policy_, ledger,
                                               {.auto_balance = true, .dry_run = true}, now);
  const bool alike = advice.calls.empty() && advice.held.size() == plan.moves.size();
  if (!alike) violate("a dry run would not hold its plan", "");
  if (!first_plan_.empty()) return;
  first_plan_ = std::to_string(now.time_since_epoch().count());
  for (const rules::Move& move : plan.moves) first_plan_ += "; " + rules::words(move);
}

void Checker::cut_short() {
  for (Sent& sent : sent_) {
    sent.cut_short = sent.cut_short || !sent.result || sent.result == loop::MoveResult::unknown;
    sent.result = sent.result.value_or(loop::MoveResult::unknown);
  }
}

void Checker::took_over(const Checker& other, TimePoint left_at) {
  sent_ = other.sent_;
  for (Sent& sent : sent_) {
    sent.heard = 0;
    if (sent.ended > left_at) sent.result.reset();  // the other could not tell of it any more
  }
  took_over_ = cluster_.now();
  cut_short();
  drained_ = other.drained_;
  paused_since_ = other.paused_since_;
  paused_until_ = other.paused_until_;
  rests_until_ = other.rests_until_;
  may_skip_ = true;
}

void Checker::resumed() {
  may_skip_ = true;
}

void Checker::restarted(std::optional<std::uint64_t> kept) {
  if (kept) {
    cut_short();
  } else {
    sent_.clear();
    drained_.clear();
    paused_until_ = {};
    rests_until_ = {};
  }
  stopping_ = false;
  seen_loaded_ = false;
  began_ = cluster_.now();
  looked_whole_ = false;
  picture_.reset();
  told_.clear();
  samples_.clear();
  claimed_.clear();
  capacity_.clear();
  next_samples_.reset();
  next_leaving_.reset();
  leaving_.clear();
  misplaced_.clear();
  admitted_.clear();
  under_way_ = 0;
  last_decision_ = kept.value_or(0);
}

void Checker::asked(const milvus::LoadBalance& request) {
  ++calls_;
  ++under_way_;
  check_start();
  check_pause();
  check_turn();
  check_shape(request);
  check_version();
  if (under_way_ > 1) violate("two calls at once", "");
  if (stopping_) violate("a call after the stop", "");
  const rules::Call* call = next_admitted(request);
  if (call == nullptr) {
    violate("a call that was not admitted", text(request.source));
    return;
  }
  check_database(request, *call);
  check_picture(*call);
  check_places(*call);
  check_roles(*call);
  check_channels(*call);
  check_nodes(*call);
  check_drains(*call);
  check_windows(*call);
  check_hold(*call);
  check_room(*call);
  check_rests(*call);
  round_moves_ += call->moves.size();
  round_bytes_ += call->bytes();
  const bool over = round_moves_ > static_cast<std::size_t>(policy_.max_moves_per_round) ||
                    round_bytes_ > policy_.max_bytes_per_round;
  if (over && !(asked_ && person_forces_)) {
    violate("the budget of a round is passed",
            std::to_string(round_moves_) + " moves, " + rules::format_bytes(round_bytes_));
  }
  for (const rules::Move& move : call->moves) {
    trace([&] { return "sent: " + rules::words(move); });
    Sent& sent = sent_.emplace_back();
    sent.move = move;
    sent.at = cluster_.now();
    ++moves_;
  }
}

void Checker::answered(const milvus::Result<void>& answer) {
  --under_way_;
  for (Sent& sent : sent_) {
    if (!sent.result) sent.done = answer.has_value();
  }
  if (answer || answer.error().code != milvus::kCodeNodeStateUnexpected) return;
  for (Sent& sent : sent_) {
    if (!sent.result) sent.turned_away = true;
  }
}

void Checker::check_turn() const {
  if (has_turn && !has_turn()) violate("a call out of turn", "");
}

void Checker::check_pause() const {
  if (cluster_.now() > paused_since_ + kLastLook && cluster_.now() < paused_until_) {
    violate("a call while all is paused", "");
  }
}

void Checker::check_shape(const milvus::LoadBalance& request) {
  if (request.destinations.size() != 1) violate("not exactly one destination", "");
  const std::size_t most = static_cast<std::size_t>(std::min(policy_.max_segments_per_call, 5));
  if (request.segments.empty() || request.segments.size() > most) {
    violate("too many segments in one call, or all", std::to_string(request.segments.size()));
  }
  if (holds(request.destinations, request.source)) {
    violate("from a node to itself", text(request.source));
  }
}

// But for a person's own load_balance by force.
void Checker::check_drains(const rules::Call& call) {
  if (is_drained(call.to) && !(asked_ && person_forces_)) {
    violate("a segment was sent to a drained node", text(call.to));
  }
  const bool empties = call.moves.front().urgency == rules::Urgency::drain;
  if (empties && !is_drained(call.from)) {
    violate("a node was emptied of the agent's own accord", text(call.from));
  }
}

// What a person asked for may come at any time.
void Checker::check_windows(const rules::Call& call) {
  if (!world_.closed) return;
  const Duration at = cluster_.now().time_since_epoch() % std::chrono::hours{24};
  if (at < world_.closed->first + kLastLook || at >= world_.closed->second) return;
  const bool relieves = world_.settings.balance.outside_windows == "relief";
  const rules::Urgency urgency = call.moves.front().urgency;
  if (urgency == rules::Urgency::asked || urgency == rules::Urgency::drain) return;
  if (urgency == rules::Urgency::overload && relieves) return;
  violate("a move outside of the maintenance windows", rules::words(call.moves.front()));
}

// What Milvus's own balancer may undo at once.
void Checker::check_hold(const rules::Call& call) {
  if (!world_.holds || cluster_.now() < cluster_.held_until() + kLastLook) return;
  for (const rules::Move& move : call.moves) {
    if (!rules::is_vain_if_undone(move.urgency)) continue;
    violate("a vain move while Milvus's own balancer is not held off", rules::words(move));
  }
}

void Checker::check_version() {
  const bool untested = !milvus::why_untested(world_.version()).empty();
  if (untested && !world_.settings.milvus.allow_untested_version) {
    violate("a move in an untested version", "'" + world_.version() + "'");
  }
}

// Two databases may have collections of one name.
void Checker::check_database(const milvus::LoadBalance& request, const rules::Call& call) {
  const Collection* own = cluster_.collection(call.collection);
  if (own == nullptr) return;
  if (own->database != request.database || own->name != request.collection) {
    violate("a move of a collection that a database other than the call's has",
            own->database + "." + own->name + ", asked for as " + request.database + "." +
                request.collection);
  }
}

// By what is true of the nodes: a streaming node can always be told by some list, or its metrics.
void Checker::check_roles(const rules::Call& call) {
  for (const rules::NodeId id : {call.from, call.to}) {
    const Node* node = cluster_.node(id);
    if (node != nullptr && node->streaming) {
      violate(id == call.to ? "a sealed segment was sent to a streaming or leaving node"
                            : "a sealed segment was taken from a streaming node",
              "node " + text(id) + " is a streaming node");
    }
  }
  if (leaving_.contains(call.to)) {
    violate("a sealed segment was sent to a streaming or leaving node",
            "node " + text(call.to) + " is leaving");
  }
}

// Where nothing changes unseen: else a replica may have lost nodes since the plan was made.
void Checker::check_channels(const rules::Call& call) {
  const Manners& manners = world_.manners;
  if (!manners.exclusive || !manners.balancer_active || !manners.lists || !honest_) return;
  const Collection* collection = cluster_.collection(call.collection);
  if (collection == nullptr) return;
  for (const ReplicaSpec& replica : collection->replicas) {
    if (replica.id != call.replica) continue;
    for (const rules::Move& move : call.moves) {
      const int channel = Cluster::channel_of(move.segment);
      if (holds(cluster_.channel_nodes(replica, channel), call.to)) continue;
      violate("a segment leaves the nodes of its channel", rules::words(move));
    }
  }
}

// The calls that were admitted are sent in their order, and none twice.
const rules::Call* Checker::next_admitted(const milvus::LoadBalance& request) {
  const Collection* named = cluster_.collection(request.database, request.collection);
  const auto alike = [&](const rules::Call& call) {
    return (named == nullptr || named->id == call.collection) && call.from == request.source &&
           holds(request.destinations, call.to) &&
           std::equal(call.moves.begin(), call.moves.end(), request.segments.begin(),
                      request.segments.end(),
                      [](const rules::Move& move, SegmentId id) { return move.segment == id; });
  };
  // Those of a collection that is gone are left out, but for one that went as its call was sent.
  const auto left_out = [&](const rules::Call& call) {
    const Collection* collection = cluster_.collection(call.collection);
    return (collection == nullptr || collection->released) && !alike(call);
  };
  while (next_ < admitted_.size() && left_out(admitted_[next_])) ++next_;
  if (next_ >= admitted_.size()) return nullptr;
  const rules::Call& call = admitted_[next_++];
  return alike(call) ? &call : nullptr;
}

// The newest picture, and what was asked for this very call.
void Checker::check_picture(const rules::Call& call) {
  const Told& told = told_[call.collection];
  const bool listed =
      std::any_of(picture_->collections.begin(), picture_->collections.end(),
                  [&](const auto& each) { return each.id == call.collection && each.complete; });
  // What was refused to an observation a moment ago, the call's own look may have been told before.
  const bool unread = !told.replicas_read || !told.segments_read;
  const bool long_since = unread && cluster_.now() > told.unread_since + std::chrono::seconds{2};
  if (!picture_->coordinator_complete || !listed || long_since) {
    violate("a call while the coordinator's picture is partial", "from " + text(call.from));
  }
}

const milvus::SegmentInfo* Checker::told(const rules::Move& move) const {
  const auto collection = told_.find(move.collection);
  if (collection == told_.end()) return nullptr;
  const auto& segments = collection->second.segments;
  const auto found = std::find_if(segments.begin(), segments.end(),
                                  [&](const auto& each) { return each.id == move.segment; });
  return found == segments.end() ? nullptr : &*found;
}

void Checker::check_places(const rules::Call& call) {
  const Told& collection = told_[call.collection];
  for (const rules::NodeId node : {call.from, call.to}) {
    const bool member = std::any_of(
        collection.replicas.begin(), collection.replicas.end(), [&](const auto& replica) {
          return replica.id == call.replica && holds(replica.nodes, node);
        });
    if (!member) violate("a call leaves the replica", "node " + text(node));
  }
  for (const rules::Move& move : call.moves) {
    const milvus::SegmentInfo* segment = told(move);
    if (segment == nullptr || !holds(segment->nodes, move.from) || holds(segment->nodes, move.to)) {
      violate("a segment is not where the call says", rules::words(move));
    } else if (segment->state != rules::SegmentState::sealed) {
      violate("a segment that is not sealed", rules::words(move));
    }
  }
}

void Checker::check_nodes(const rules::Call& call) {
  for (const rules::NodeId node : {call.from, call.to}) {
    const Sampled& sampled = samples_[node];
    const std::string which = "node " + text(node);
    if (sampled.at + policy_.max_sample_age < cluster_.now()) {
      violate("a node without a fresh sample", which);
    }
    if (!sampled.good) violate("a node whose metrics failed last", which);
    const auto seen = std::find_if(picture_->nodes.begin(), picture_->nodes.end(),
                                   [node](const auto& each) { return each.id == node; });
    if (seen == picture_->nodes.end() || seen->health != rules::NodeHealth::up) {
      violate("a node that the newest picture does not show as well", which);
    }
    for (const Sent& sent : sent_) {
      const bool open = !sent.result || sent.result == loop::MoveResult::unknown;
      if (open && (sent.move.from == node || sent.move.to == node)) {
        violate("a node with a move whose end is unknown", rules::words(sent.move));
      }
    }
  }
}

// The newest picture has it where it came from, and no longer where it went.
bool Checker::taken_back(const rules::Move& move) const {
  bool at_source = false;
  bool at_destination = false;
  for (const auto& segment : picture_->segments) {
    if (segment.id != move.segment || segment.replica != move.replica) continue;
    at_source = at_source || segment.node == move.from;
    at_destination = at_destination || segment.node == move.to;
  }
  return at_source && !at_destination;
}

// With all that is on its way to it, and this call's segments loading.
double Checker::needed(const rules::Call& call, const Sampled& sampled) const {
  double used = static_cast<double>(sampled.used);
  for (const Sent& sent : sent_) {
    if (sent.move.to != call.to) continue;
    const auto bytes = static_cast<double>(sent.move.bytes);
    if (!sent.result || sent.result == loop::MoveResult::unknown) {
      used += bytes * policy_.loading_peak;
    } else if (sent.result == loop::MoveResult::succeeded) {
      const bool counted = sampled.at >= sent.ended && sampled.heard > sent.heard;
      if (!counted && !taken_back(sent.move)) used += bytes;
    }
  }
  return used + static_cast<double>(call.bytes()) * policy_.loading_peak;
}

void Checker::check_room(const rules::Call& call) {
  double used = needed(call, samples_[call.to]);
  if (cluster_.now() < taken_up_ + kLastLook) {
    used = std::min(used, needed(call, earlier_samples_[call.to]));
  }
  const double limit = policy_.overload_threshold * static_cast<double>(capacity_[call.to]);
  if (used > limit + 2) {
    violate("a destination would pass its threshold",
            "node " + text(call.to) + ": " + rules::format_bytes(static_cast<Bytes>(used)) +
                " of " + rules::format_bytes(static_cast<Bytes>(limit)));
  }
}

void Checker::check_rests(const rules::Call& call) {
  if (asked_ && person_forces_) return;
  for (const rules::Move& move : call.moves) {
    check_cut_short(move);
    for (const Sent& sent : sent_) {
      if (sent.move.segment != move.segment || sent.move.replica != move.replica) continue;
      // What was turned away or left out stayed; it may be there by Milvus's own hand.
      const bool over = sent.turned_away || sent.done;
      const bool stayed = over && sent.result == loop::MoveResult::failed;
      const bool back = sent.move.from == move.to && sent.move.to == move.from && !stayed;
      if (back && cluster_.now() < sent.at + policy_.segment_cooldown) {
        violate("there and back inside the cool-down", rules::words(move));
      }
      const bool landed = sent.result == loop::MoveResult::succeeded;
      if (landed && cluster_.now() < sent.ended + policy_.segment_cooldown) {
        violate("moved again inside the cool-down", rules::words(move));
      }
    }
  }
}

// Whoever did not hear the answer waits for as long as one who did not get any.
void Checker::check_cut_short(const rules::Move& move) const {
  const Duration patience =
      world_.settings.milvus.move_timeout + world_.settings.milvus.verify_timeout - kWritten;
  for (const Sent& sent : sent_) {
    const bool same = sent.move.segment == move.segment && sent.move.replica == move.replica;
    if (!same || !sent.cut_short || sent.move.from != move.from) continue;
    if (sent.result != loop::MoveResult::succeeded && cluster_.now() < sent.at + patience) {
      violate("sent again while it may still land", rules::words(move));
    }
  }
}

// Where memory does nothing unseen, no order of the agent's lets a node really pass its threshold.
void Checker::loads(CollectionId collection, NodeId destination) {
  const Node* node = cluster_.node(destination);
  if (!honest_ || node == nullptr) return;
  const double limit = policy_.overload_threshold * static_cast<double>(capacity_[destination]);
  const Bytes used =
      cluster_.committed(destination) - (unseen ? unseen(collection, destination) : 0);
  if (static_cast<double>(used) > limit + static_cast<double>(kMiB)) {
    violate("a node really passes its threshold",
            "node " + text(destination) + ": " + rules::format_bytes(used));
  }
}

// The agent's word on the end of a move is what the distribution said last.
void Checker::moved(const loop::MoveRecord& record) {
  const rules::Move& move = record.move;
  trace([&] {
    return "ended " + std::string(loop::name(record.result)) + ": " + rules::words(move) + " " +
           record.detail;
  });
  bool shown =
      false;  // and then not seen any more, as by a coordinator that came back a moment ago
  for (Sent& sent : sent_) {
    if (sent.result || sent.move.segment != move.segment || sent.move.replica != move.replica) {
      continue;
    }
    shown = sent.shown;
    sent.result = record.result;
    sent.ended = cluster_.now();
    sent.heard = heard_;
  }
  const milvus::SegmentInfo* segment = told(move);
  const bool on_source = segment != nullptr && holds(segment->nodes, move.from);
  const bool on_destination = segment != nullptr && holds(segment->nodes, move.to);
  const bool believed =
      record.result != loop::MoveResult::succeeded || shown || (on_destination && !on_source);
  if (!believed) violate("believes a move that the distribution does not show", rules::words(move));
}

void Checker::published(const loop::SnapshotPtr& snapshot) {
  picture_ = snapshot->cluster;
  take_up_what_was_told();
  if (picture_ != nullptr) settle_by_picture();
  look_for_transits();
  check_belief();
  check_places_seen();
  forget_released();
  if (snapshot->decisions.empty()) return;
  const loop::Decision& newest = *snapshot->decisions.front();
  if (newest.id == last_decision_) return;
  const bool skips = newest.id > last_decision_ + 1;
  if (newest.id != last_decision_ + 1 && !(skips && std::exchange(may_skip_, false))) {
    violate("a round ended by an exception", "decision " + std::to_string(last_decision_ + 1));
  }
  last_decision_ = newest.id;
  admitted_.clear();
  trace([&] {
    return "round " + std::to_string(newest.id) + " " + std::string(loop::name(newest.outcome)) +
           ": " + newest.words;
  });
}

}  // namespace evenkeel::sim
