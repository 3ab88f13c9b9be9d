// SPDX-License-Identifier: Apache-2.0
// A small company's first week, told in thirty calls: two companies, five contacts, four deals that
// move through their stages, activities, searches, a soft delete and a restore. Every answer is
// checked; what the calls returned comes back with ids and times named instead of shown, so that the
// story can be compared between transports.
import assert from "node:assert/strict";

/** Replaces ids and times by names that are the same in every run. */
function retold(envelopes) {
  const names = new Map();
  const named = (value) => {
    if (!names.has(value)) names.set(value, `${value.split("_")[0]}-${names.size}`);
    return names.get(value);
  };
  return JSON.parse(JSON.stringify(envelopes), (key, value) => {
    if (/^(createdAt|updatedAt|archivedAt|occurredAt|closedAt|asOf)$/.test(key)) return "a time";
    if (key === "createdBy") return "somebody";
    if (key === "nextCursor" && value !== null) return "a cursor";
    return typeof value === "string" ? value.replace(/(con|com|deal|act)_[0-9a-z]{26}/g, named) : value;
  });
}

export async function tellSalesStory(call) {
  const told = [];
  const ok = async (tool, args) => {
    const envelope = await call(tool, args);
    assert.equal(envelope.success, true, `${tool}: ${JSON.stringify(envelope)}`);
    told.push(envelope);
    return envelope;
  };
  const refused = async (code, tool, args) => {
    const envelope = await call(tool, args);
    assert.equal(envelope.success, false, tool);
    assert.equal(envelope.error.code, code);
    assert.ok(envelope.error.message.length > 0);
    told.push(envelope);
    return envelope.error;
  };

  const acme = (await ok("create_company", { name: "Łódź Maszyny S.A.", domain: "https://www.Lodz-Maszyny.example/" })).data;
  const tokyo = (await ok("create_company", { name: "東京商事", industry: "trade", size: "51-200", tags: ["asia"] })).data;

  const people = [];
  for (const [firstName, lastName, company] of [
    ["Zoë", "Müller", acme], ["Søren", "Ångström", acme], ["美咲", "佐藤", tokyo],
    ["Анна", "Каренина", tokyo], ["José", "Peña", undefined]])
    people.push((await ok("create_contact", {
      firstName, lastName, email: `p${people.length}@example.com`,
      ...(company && { companyId: company.id }) })).data);
  assert.equal(people[2].firstName, "美咲");
  assert.equal(people[0].type, "lead");

  const deals = [];
  for (const [title, stage, value] of [["Press line", "lead", 125000.5], ["Spare parts", "Qualified", 900],
    ["Robot cell", "proposal", 48000], ["Service", "lead", undefined]])
    deals.push((await ok("create_deal", { title, stage, currency: "EUR", contactId: people[deals.length].id,
      ...(value !== undefined && { value }) })).data);
  assert.equal(deals[1].stage, "qualified");
  assert.equal(deals[1].probability, 25);

  assert.equal((await ok("move_deal_stage", { dealId: deals[0].id, newStage: "Negotiation" })).data.probability, 75);
  const won = (await ok("move_deal_stage", { dealId: deals[2].id, newStage: "closed_won" })).data;
  assert.equal(won.stage, "won");
  assert.equal(typeof won.closedAt, "number");
  assert.equal((await ok("move_deal_stage", { dealId: deals[1].id, newStage: "proposal", probability: 60 })).data.probability, 60);
  const noStage = await refused("ZOD_VALIDATION_ERROR", "move_deal_stage", { dealId: deals[0].id, newStage: "negotation" });
  assert.equal(noStage.details[0].didYouMean, "negotiation");

  const call1 = (await ok("create_activity", { type: "call", subject: "Intro", contactId: people[0].id, dealId: deals[0].id })).data;
  await ok("create_activity", { type: "task", subject: "Send offer", dealId: deals[0].id, dueAt: 1800000000000 });
  assert.equal((await ok("update_activity", { activityId: call1.id, description: "Wants a demo" })).data.version, 2);
  const fixed = await refused("ZOD_VALIDATION_ERROR", "update_activity", { activityId: call1.id, subject: "Other" });
  assert.equal(fixed.details[0].path, "subject");

  assert.deepEqual((await ok("search_contacts", { query: "angstrom" })).data.map((c) => c.id), [people[1].id]);
  assert.deepEqual((await ok("search_contacts", { query: "каренина" })).data.map((c) => c.id), [people[3].id]);
  assert.deepEqual((await ok("search_companies", { query: "lodz mas" })).data.map((c) => c.id), [acme.id]);
  assert.deepEqual((await ok("search_deals", { query: "robot" })).data.map((d) => d.id), [deals[2].id]);

  assert.equal((await ok("list_contacts", { companyId: acme.id })).page.total, 2);
  const page = await ok("list_contacts", { limit: 2 });
  assert.equal(page.page.returned, 2);
  assert.equal(page.page.total, 5);
  assert.equal((await ok("list_contacts", { limit: 3, cursor: page.page.nextCursor })).page.nextCursor, null);
  assert.equal((await ok("list_activities", { dealId: deals[0].id })).page.total, 2);

  await ok("delete_contact", { contactId: people[4].id });
  assert.equal((await ok("search_contacts", { query: "pena" })).page.total, 0);
  assert.ok((await ok("get_contact", { contactId: people[4].id })).data.archivedAt);
  assert.equal((await ok("restore_contact", { contactId: people[4].id })).data.archivedAt, undefined);
  assert.equal((await ok("search_contacts", { query: "peña" })).page.total, 1);
  await refused("NOT_FOUND", "get_deal", { dealId: people[0].id });
  const forecast = (await ok("forecast_pipeline", {})).data;
  assert.equal(forecast.currencies[0].weightedValue, 94290.375);
  return retold(told);
}
