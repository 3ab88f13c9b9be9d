// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <algorithm>
#include <cstdio>

namespace crm::bench {

namespace {

std::string figure(double value) {
  char text[32];
  const char* format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string text_of(const spread& measured) {
  if (measured.min == measured.max)
    return figure(measured.median);
  return figure(measured.median) + " (" + figure(measured.min) + " to " + figure(measured.max)
         + ")";
}

spread figures_of(const std::vector<load_result>& results, double load_result::*figure) {
  std::vector<double> figures;
  for (const load_result& result : results)
    figures.push_back(result.*figure);
  return spread_of(std::move(figures));
}

std::uint64_t failures_of(const std::vector<load_result>& results) {
  std::uint64_t sum = 0;
  for (const load_result& result : results)
    sum += result.failed();
  return sum;
}

} // namespace

spread spread_of(std::vector<double> figures) {
  std::sort(figures.begin(), figures.end());
  return {figures[figures.size() / 2], figures.front(), figures.back()};
}

spread load_case::calls_per_s() const {
  return figures_of(results, &load_result::calls_per_s);
}

spread load_case::p50_ms() const {
  return figures_of(results, &load_result::p50_ms);
}

spread load_case::p99_ms() const {
  return figures_of(results, &load_result::p99_ms);
}

void run_rounds(std::vector<load_case>& cases, int rounds) {
  for (int round = 0; round < rounds; ++round)
    for (load_case& one : cases)
      one.results.push_back(one.run());
  std::printf("| case | calls/s | p50 ms | p99 ms | failed |\n|---|---|---|---|---|\n");
  for (const load_case& one : cases)
    std::printf("| %s | %s | %s | %s | %llu |\n", one.name.c_str(),
                text_of(one.calls_per_s()).c_str(), text_of(one.p50_ms()).c_str(),
                text_of(one.p99_ms()).c_str(),
                static_cast<unsigned long long>(failures_of(one.results)));
  std::fflush(stdout);
}

spread ratio(const load_case& a, const load_case& b, double load_result::*figure) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.results.size(), b.results.size()); ++i)
    ratios.push_back(a.results[i].*figure / b.results[i].*figure);
  return spread_of(std::move(ratios));
}

void report::at_least(const std::string& claim, const spread& measured, double bound) {
  add({claim, "at least " + figure(bound), text_of(measured), measured.median >= bound});
}

void report::at_most(const std::string& claim, const spread& measured, double bound) {
  add({claim, "at most " + figure(bound), text_of(measured), measured.median <= bound});
}

void report::is_so(const std::string& claim, bool holds, const std::string& measured) {
  add({claim, "", measured, holds});
}

void report::add(row one) {
  std::printf("%s: %s; %s: %s\n", one.claim.c_str(), one.measured.c_str(), one.bound.c_str(),
              one.holds ? "holds" : "DOES NOT HOLD");
  std::fflush(stdout);
  rows_.push_back(std::move(one));
}

bool report::print_table() const {
  std::printf("\n| claim | bound | measured | holds |\n|---|---|---|---|\n");
  bool all = true;
  for (const row& one : rows_) {
    std::printf("| %s | %s | %s | %s |\n", one.claim.c_str(), one.bound.c_str(),
                one.measured.c_str(), one.holds ? "yes" : "NO");
    all = all && one.holds;
  }
  return all;
}

} // namespace crm::bench
