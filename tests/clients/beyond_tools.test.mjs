// SPDX-License-Identifier: Apache-2.0
// What the CRM offers over MCP beside its tools, as the official clients see it in both eras.
import assert from "node:assert/strict";
import test from "node:test";
import { generations, progressOf, transports } from "./generations.mjs";
import { dataFolder } from "./server.mjs";

/** Runs `body` with every client over every transport, each with a contact in a workspace of its own. */
function everywhere(title, body, capabilities = {}) {
  test(title, async (t) => {
    for (const generation of generations) {
      for (const [way, connect] of Object.entries(transports)) {
        await t.test(`${generation.name} over ${way}`, async (t) => {
          const hooks = { elicit: () => ({ action: "cancel" }), update: () => {} };
          const prepare = (client) => {
            if (capabilities.elicitation) generation.onElicit(client, (request) => hooks.elicit(request));
            generation.onUpdate(client, (news) => hooks.update(news));
          };
          const connected = await connect(t, generation, dataFolder(t), prepare, capabilities);
          const { client } = connected;
          const call = async (tool, args) => {
            const envelope = await connected.call(tool, args);
            assert.equal(envelope.success, true, JSON.stringify(envelope));
            return envelope;
          };
          const jane = (await call("create_contact", { firstName: "Jane", lastName: "Roe" })).data;
          await body({ generation, client, call, jane, hooks });
        });
      }
    }
  });
}

everywhere("resources, prompts and completions hold live data", async ({ client, call, jane }) => {
  const read = async (uri) => JSON.parse((await client.readResource({ uri })).contents[0].text);
  const { resources } = await client.listResources();
  assert.deepEqual(resources.map((each) => each.uri), ["crm://schema", "crm://stages"]);
  const { resourceTemplates } = await client.listResourceTemplates();
  assert.equal(resourceTemplates.length, 4);

  assert.equal((await read("crm://stages")).stages[0].name, "lead");
  assert.equal((await read(`crm://contact/${jane.id}`)).lastName, "Roe");
  await assert.rejects(client.readResource({ uri: "crm://contact/con_00000000000000000000000000" }));

  const deal = (await call("create_deal", { title: "Press line", stage: "lead", contactId: jane.id })).data;
  await call("move_deal_stage", { dealId: deal.id, newStage: "proposal" });
  assert.equal((await read(`crm://deal/${deal.id}/history`)).items.length, 2);

  const { prompts } = await client.listPrompts();
  assert.deepEqual(prompts.map((each) => each.name),
    ["review_pipeline", "prepare_meeting", "clean_up_duplicates", "report_week"]);
  const { completion } = await client.complete({
    ref: { type: "ref/prompt", name: "prepare_meeting" }, argument: { name: "contact", value: "roe" } });
  assert.deepEqual(completion.values, [`Jane Roe (${jane.id})`]);
  const meeting = await client.getPrompt({ name: "prepare_meeting", arguments: { contact: completion.values[0] } });
  assert.match(JSON.stringify(meeting.messages), /Press line/);
  assert.equal((await client.complete({
    ref: { type: "ref/resource", uri: "crm://deal/{id}" }, argument: { name: "id", value: "" } })).completion.values[0], deal.id);
});

everywhere("a subscriber is told when what it watches changes, and of nothing else",
  async ({ generation, client, call, jane, hooks }) => {
    const uri = `crm://contact/${jane.id}`;
    const heard = [];
    let told;
    const first = new Promise((resolve) => { told = resolve; });
    hooks.update = (news) => { heard.push(news.params.uri); told(); };
    if (generation.era === "modern") await client.listen({ resourceSubscriptions: [uri] });
    else await client.subscribeResource({ uri });
    await call("create_contact", { firstName: "John", lastName: "Doe" });
    await call("update_contact", { contactId: jane.id, phone: "+1 555 0100" });
    await first;
    assert.deepEqual(heard, [uri]);
  });

everywhere("what cannot be undone is asked for with exact counts, and done after a yes only",
  async ({ call, jane, hooks }) => {
    const field = (await call("add_custom_field",
      { entityType: "contact", key: "region", label: "Region", fieldType: "text" })).data;
    await call("set_custom_field_value", { entityType: "contact", entityId: jane.id, key: "region", value: "EMEA" });
    const asked = [];
    const answerWith = (answer) => (request) => { asked.push(request.params.message); return answer; };

    hooks.elicit = answerWith({ action: "decline" });
    assert.equal((await call("delete_custom_field", { definitionId: field.id })).data.done, false);
    assert.equal((await call("get_contact", { contactId: jane.id })).data.customFields.region, "EMEA");

    hooks.elicit = answerWith({ action: "accept", content: { confirm: true } });
    assert.equal((await call("delete_custom_field", { definitionId: field.id })).data.removedValues, 1);
    assert.equal((await call("get_contact", { contactId: jane.id })).data.customFields, undefined);
    assert.equal(asked.length, 2);
    for (const question of asked) assert.match(question, /Region.*1 record loses its value/);
  }, { elicitation: {} });

everywhere("long work tells its progress to who asks for it", async ({ client, call, jane }) => {
  const field = (await call("add_custom_field",
    { entityType: "contact", key: "region", label: "Region", fieldType: "text" })).data;
  await call("set_custom_field_value", { entityType: "contact", entityId: jane.id, key: "region", value: "EMEA" });
  const told = await progressOf(client, { name: "delete_custom_field", arguments: { definitionId: field.id } });
  assert.deepEqual(told.map(({ progress, total }) => [progress, total]), [[1, 1]]);
});
