#include "agent/api/move_json.hpp"

#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::api {

Json json_of(const rules::Move& move, telemetry::CollectionNames& names) {
  return {{"segment", to_string(move.segment)},
          {"collection", to_string(move.collection)},
          {"collection_name", names.of(move.collection)},
          {"replica", to_string(move.replica)},
          {"from", to_string(move.from)},
          {"to", to_string(move.to)},
          {"rows", move.rows},
          {"bytes", move.bytes},
          {"urgency", rules::name(move.urgency)},
          {"words", rules::words(move)}};
}

}  // namespace evenkeel::api
