// SPDX-License-Identifier: Apache-2.0
#include "actors/fair_share.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace {

using clock = crm::actors::fair_share::clock;

constexpr bool alone = false;
constexpr bool others_call = true;

/// A workspace that works for so long in each millisecond, on a machine of two processors.
class worker {
public:
  /// Works through `spans` milliseconds and returns how many calls ended over the share.
  int work(int spans, clock::duration of_each, bool others) {
    int over = 0;
    for (int i = 0; i < spans; ++i) {
      now_ += 1ms;
      over += share_.is_exceeded_after(of_each, now_, others) ? 1 : 0;
    }
    return over;
  }
  void rest(clock::duration pause) { now_ += pause; }

private:
  crm::actors::fair_share share_{2};
  clock::time_point now_{1h};
};

} // namespace

TEST_CASE("alone no workspace is over its share, however much it uses") {
  CHECK(worker{}.work(10'000, 1ms, alone) == 0);
}

TEST_CASE("an eighth of the processors may be used for as long as one likes") {
  CHECK(worker{}.work(10'000, 250us, others_call) == 0);
}

TEST_CASE("more than an eighth is over the share once 8 ms are used up") {
  worker busy;
  CHECK(busy.work(10, 1ms, others_call) == 0);
  CHECK(busy.work(10, 1ms, others_call) == 10);
}

TEST_CASE("who goes on as before stays over the share, and who is done starts anew") {
  worker busy;
  busy.work(11, 1ms, others_call);
  CHECK(busy.work(5'000, 1ms, others_call) == 5'000);
  busy.rest(2s);
  CHECK(busy.work(10, 1ms, others_call) == 0);
}

TEST_CASE("who was over its share and uses less stands back for a second") {
  worker busy;
  busy.work(11, 1ms, others_call);
  CHECK(busy.work(999, 100us, others_call) == 999);
  CHECK(busy.work(5'000, 100us, others_call) == 0);
}

TEST_CASE("a workspace stands back only while others call, with pauses of less than 50 ms") {
  worker busy;
  busy.work(11, 1ms, others_call);
  CHECK(busy.work(200, 1ms, alone) == 49);
  CHECK(busy.work(10, 1ms, others_call) == 10);
}

TEST_CASE("with eight processors no workspace is over its share") {
  crm::actors::fair_share share{8};
  clock::time_point now{1h};
  for (int i = 0; i < 10'000; ++i)
    REQUIRE(!share.is_exceeded_after(1ms, now += 1ms, others_call));
}
