// What relay-compiler made, run against the service with Relay's own store, which knows a thing by its `id` alone: nothing
// may be answered by one id as two types, an act's answer must be seen where the case was read, and pages must join.

import assert from 'node:assert/strict';
import relay from 'relay-runtime';
import { ask } from '../../lib/service.mjs';
import acknowledgeMutation from '../generated/relay/CaseListAcknowledgeMutation.graphql.js';
import caseQuery from '../generated/relay/CaseListCaseQuery.graphql.js';
import nodeQuery from '../generated/relay/CaseListNodeQuery.graphql.js';
import pageQuery from '../generated/relay/CaseListPageQuery.graphql.js';

const { commitMutation, ConnectionHandler, createOperationDescriptor, Environment, fetchQuery, Network } = relay;
const { graphql, widgetKey, tokens } = JSON.parse(process.env.ANSVAR_SAYS);

// Relay warns, and goes on, when an answer breaks its contract. Here a warning is a failure.
const warnings = [];
console.error = console.warn = (...words) => warnings.push(words.join(' '));

const staff = (text, variables) => ask(graphql, text, { token: tokens.manager, variables });
const environment = new Environment({
  network: Network.create(async ({ text }, variables) => ({ data: await staff(text, variables) })),
  store: new relay.Store(new relay.RecordSource()),
});

/** Fetches, keeps the answer in the store, and gives what a component would see. */
async function read(query, variables) {
  environment.retain(createOperationDescriptor(query, variables));
  return fetchQuery(environment, query, variables).toPromise();
}
const record = (id) => environment.getStore().getSource().get(id);

async function file(number) {
  const { fileComplaint } = await ask(
    graphql,
    `mutation ($input: FileComplaintInput!) {
      fileComplaint(input: $input) { receipt { reference } userErrors { message } }
    }`,
    {
      token: widgetKey,
      variables: {
        input: { idempotencyKey: `relay-story-${number}`, text: `Rusty springs, ${number}`, email: 'maja@customer.example' },
      },
    },
  );
  assert.deepEqual(fileComplaint.userErrors, []);
  return fileComplaint.receipt.reference;
}

const references = [];
for (const number of [1, 2, 3]) references.push(await file(number));
const by = { reference: references[0] };

// A partner gets a task, so that a partner's view of the case lies inside the case.
const { case: bare } = await staff('query ($by: CaseRef!) { case(by: $by) { id seller { partners { id } } } }', { by });
const { requestTask } = await staff(
  `mutation ($input: RequestTaskInput!) { requestTask(input: $input) { task { id } userErrors { message } } }`,
  {
    input: {
      caseId: bare.id,
      partnerId: bare.seller.partners[0].id,
      title: 'Look at the springs',
      asked: 'Which ones are rusty?',
      dueAt: new Date(Date.now() + 5 * 86_400_000).toISOString(),
    },
  },
);
assert.deepEqual(requestTask.userErrors, []);

const seen = (await read(caseQuery, { by })).case;
assert.equal(seen.tasks[0].case.reference, references[0]);
assert.equal(seen.__typename, 'Case', `Relay reads the case as a ${seen.__typename}: ${warnings.join('\n')}`);

const { node } = await read(nodeQuery, { id: bare.id });
assert.equal(node.__typename, 'Case');
assert.equal(node.id, bare.id);

// The act's answer changes the case wherever it is shown, without reading it again.
await new Promise((resolve, reject) =>
  commitMutation(environment, {
    mutation: acknowledgeMutation,
    variables: { input: { caseId: bare.id, message: 'We look after it.' } },
    onCompleted: resolve,
    onError: reject,
  }),
);
assert.equal(record(bare.id).reference, references[0]);
assert.notEqual(record(bare.id).stage, 'RECEIVED');

// Page by page forward, as `loadNext` does it, and back, as `loadPrevious` does it: with the other direction null.
const forward = { last: null, before: null, filter: null };
const connection = () => {
  const key = ConnectionHandler.getConnectionID('client:root', 'CaseList_cases', { filter: null });
  return record(key);
};
const edges = () => connection().edges.__refs.map((ref) => record(record(ref).node.__ref).reference);
const pageInfo = () => record(connection().pageInfo.__ref);
await read(pageQuery, { ...forward, first: 2, after: null });
assert.deepEqual(edges(), [references[2], references[1]]);
assert.equal(pageInfo().hasNextPage, true);
await read(pageQuery, { ...forward, first: 2, after: pageInfo().endCursor });
assert.deepEqual(edges(), [...references].reverse());
assert.equal(pageInfo().hasNextPage, false);
await read(pageQuery, { first: null, after: null, last: 2, before: pageInfo().startCursor, filter: null });
assert.deepEqual(edges(), [...references].reverse());
assert.equal(pageInfo().hasPreviousPage, false);

assert.deepEqual(warnings, []);
console.log('Relay: one store holds cases, their tasks and their pages without a warning.');
