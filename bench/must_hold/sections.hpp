// SPDX-License-Identifier: Apache-2.0
// The sections of bench_must_hold. Each starts its own servers, prints what it measured, and adds
// its claims to the report.
#pragma once

#include "bench/contact_server.hpp"
#include "bench/report.hpp"

namespace crm::bench {

/// What is measured on.
void print_machine(const settings& with);

/// get_contact against /health, the Node peer and stock cpp-httplib, at 32 connections.
void measure_get(const settings& with, report& to);
/// create_contact against the Node peer, on one workspace and on 64.
void measure_create(const settings& with, report& to);
/// get_contact at 4,000 connections against 32.
void measure_connections(const settings& with, report& to);
/// A list of 100 contacts against a get.
void measure_list(const settings& with, report& to);
/// Connections that do nothing, drip, or were left with an open stream.
void measure_idle(const settings& with, report& to);
/// A workspace under flood, and what its neighbours feel.
void measure_noisy(const settings& with, report& to);
/// Ten thousand workspaces: memory, first calls, restart.
void measure_tenants(const settings& with, report& to);
/// Ten times as many clients as the server serves at once.
void measure_overload(const settings& with, report& to);
/// The processor time of a server that nobody calls.
void measure_idle_cpu(const settings& with, report& to);

} // namespace crm::bench
