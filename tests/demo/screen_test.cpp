#include "agent/demo/screen.hpp"

#include <gmock/gmock.h>

namespace evenkeel::demo::screen_test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Screen, DrawsThePictureInThePlaceOfTheLastOne) {
  Screen screen;
  EXPECT_EQ(screen.draw({}, {"one", "two"}, {}), "\x1b[2Kone\n\x1b[2Ktwo\n\x1b[J");
  EXPECT_EQ(screen.draw({}, {"three"}, {}), "\r\x1b[2A\x1b[2Kthree\n\x1b[J");
  EXPECT_THAT(screen.draw({}, {"four"}, {}), StartsWith("\r\x1b[1A"));
}

TEST(Screen, LinesStayAboveThePictureWhateverTheirLength) {
  Screen screen;
  (void)screen.draw({}, {"picture"}, {});
  EXPECT_EQ(screen.draw({"event"}, {"picture"}, {}),
            "\r\x1b[1A\x1b[J\x1b[2Kevent\n\x1b[2Kpicture\n\x1b[J");
  EXPECT_THAT(screen.draw({}, {"picture"}, {}), StartsWith("\r\x1b[1A")) << "not over the event";
}

TEST(Screen, CutsThePictureWhereTheTerminalIsLower) {
  Screen screen;
  const auto first = screen.draw({}, {"a", "b", "c"}, {80, 3});
  EXPECT_THAT(first, Not(HasSubstr("c\n")));
  EXPECT_THAT(screen.draw({}, {"a", "b", "c"}, {80, 3}), StartsWith("\r\x1b[2A"));
  EXPECT_EQ(Screen().draw({}, {"a"}, {80, 0}), "\x1b[J");
}

TEST(Screen, BeginsAnewWhenTheTerminalChangesItsSize) {
  Screen screen;
  (void)screen.draw({}, {"a"}, {80, 24});
  EXPECT_THAT(screen.draw({}, {"a"}, {60, 24}), StartsWith("\x1b[H\x1b[2J"));
}

TEST(Screen, HidesTheCursorAndShowsItAgain) {
  EXPECT_EQ(Screen::open(), "\x1b[?25l");
  EXPECT_EQ(Screen::close(), "\x1b[0m\x1b[?25h");
}

}  // namespace
}  // namespace evenkeel::demo::screen_test
