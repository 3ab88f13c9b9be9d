// SPDX-License-Identifier: Apache-2.0
// What a bench prints: a row for each measured case, and a row for each claim with its bound.
#pragma once

#include "bench/http_load.hpp"

#include <functional>
#include <string>
#include <vector>

namespace crm::bench {

/// Figures of several rounds.
struct spread {
  double median = 0;
  double min = 0;
  double max = 0;
};

/// Returns the spread of figures. @pre there is one.
spread spread_of(std::vector<double> figures);

/// A case that is measured in rounds, and what came out.
struct load_case {
  std::string name;
  std::function<load_result()> run;
  std::vector<load_result> results = {};

  spread calls_per_s() const;
  spread p50_ms() const;
  spread p99_ms() const;
};

/// Runs the cases in turns, `rounds` times, so that a drift of the machine touches all, and prints
/// a row for each.
void run_rounds(std::vector<load_case>& cases, int rounds);

/// Returns a figure of `a` by the same figure of `b`, round by round.
spread ratio(const load_case& a, const load_case& b, double load_result::*figure);

/// Collects the claims of a run.
class report {
public:
  /// Prints a claim that holds when its median is at least, or at most, `bound`.
  void at_least(const std::string& claim, const spread& measured, double bound);
  void at_most(const std::string& claim, const spread& measured, double bound);
  /// Prints a claim that holds or does not.
  void is_so(const std::string& claim, bool holds, const std::string& measured);

  /// Prints all claims again as one table; returns whether all hold.
  bool print_table() const;

private:
  struct row {
    std::string claim;
    std::string bound;
    std::string measured;
    bool holds;
  };
  void add(row one);

  std::vector<row> rows_;
};

} // namespace crm::bench
