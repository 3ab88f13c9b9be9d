// SPDX-License-Identifier: Apache-2.0
// result<T>: a value or an error. std::expected is not in C++20.
#pragma once

#include "protocol/error.hpp"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace crm {

/// What a function that may fail returns: the value, or the reason why there is none.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(crm::error reason) : state_(std::in_place_index<1>, std::move(reason)) {}

  /// Returns whether there is a value.
  explicit operator bool() const { return state_.index() == 0; }

  /// @pre there is a value.
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  /// @pre there is no value.
  crm::error& error() & { return *std::get_if<1>(&state_); }
  const crm::error& error() const& { return *std::get_if<1>(&state_); }
  crm::error&& error() && { return std::move(*std::get_if<1>(&state_)); }

private:
  std::variant<T, crm::error> state_;
};

/// A result that carries nothing but success.
template <>
class [[nodiscard]] result<void> {
public:
  result() = default;
  result(crm::error reason) : reason_(std::move(reason)) {}

  explicit operator bool() const { return !reason_; }

  /// @pre there is an error.
  crm::error& error() & { return *reason_; }
  const crm::error& error() const& { return *reason_; }
  crm::error&& error() && { return *std::move(reason_); }

private:
  std::optional<crm::error> reason_;
};

} // namespace crm

/// Leaves the function with the error of `expression`, a result, if it holds one.
#define CRM_TRY(expression)                                                                        \
  do {                                                                                             \
    if (auto crm_try_result = (expression); !crm_try_result)                                       \
      return std::move(crm_try_result).error();                                                    \
  } while (false)
