#include "agent/loop/pulse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel::loop::pulse_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

struct PulseTest : testing::Test {
  PulseTest() {
    pulse.allow(Pulse::Part::observation, 60s);
    pulse.allow(Pulse::Part::round, 90s);
  }
  Pulse pulse;
  rules::TimePoint now{1h};
};

TEST_F(PulseTest, SaysNothingBeforeTheStart) {
  EXPECT_THAT(pulse.trouble(now), IsEmpty());
}

TEST_F(PulseTest, NamesTheScheduleThatStandsStill) {
  pulse.start(now);
  EXPECT_THAT(pulse.trouble(now + 60s), IsEmpty());
  EXPECT_THAT(pulse.trouble(now + 61s), HasSubstr("not looked at for 61 s (at most 60 s"));
  pulse.beat(Pulse::Part::observation, now + 61s);
  EXPECT_THAT(pulse.trouble(now + 90s), IsEmpty());
  EXPECT_THAT(pulse.trouble(now + 91s), HasSubstr("rounds stands still for 91 s"));
  pulse.beat(Pulse::Part::round, now + 91s);
  EXPECT_THAT(pulse.trouble(now + 91s), IsEmpty());
}

}  // namespace
}  // namespace evenkeel::loop::pulse_test
