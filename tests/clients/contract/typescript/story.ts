// A story told with the generated TypeScript client: a form files a complaint, the customer follows it, and the owner
// finds and acknowledges it. Nothing here states a type that the schema already states.

import assert from 'node:assert/strict';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import {
  AcknowledgeCaseDocument,
  CaseByDocument,
  CasesDocument,
  FileComplaintDocument,
  MyCaseDocument,
  WhoDocument,
  type CaseByQuery,
  type CasesQuery,
  type CaseStage,
  type FileComplaintInput,
} from '../generated/typescript/client.js';

interface Says {
  readonly graphql: string;
  readonly widgetKey: string;
  readonly tokens: { readonly owner: string };
}

const says = JSON.parse(process.env['ANSVAR_SAYS'] ?? '') as Says;

/** A client of one credential: the variables and the answer are typed by the document. */
function client(token: string) {
  return async <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> => {
    const response = await fetch(says.graphql, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
      },
      body: JSON.stringify({ query: print(document), variables }),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as { data?: Data | null; errors?: ReadonlyArray<unknown> };
    if (!answer.data || answer.errors) throw new Error(`Refused: ${JSON.stringify(answer)}`);
    return answer.data;
  };
}

const form = client(says.widgetKey);
const owner = client(says.tokens.owner);

const input: FileComplaintInput = {
  idempotencyKey: 'typescript-story-0001',
  text: 'The router is silent every evening.',
  subject: 'No internet in the evenings',
  category: 'Broadband',
  name: 'Maja Lund',
  email: 'maja@customer.example',
  orderAmount: { amount: '1299.50', currency: 'SEK' },
  severity: 'MODERATE',
  firstTimeReported: true,
};

// A form with a mistake learns which field it is about, and nothing is filed.
const refused = (await form(FileComplaintDocument, { input: { ...input, text: '' } })).fileComplaint;
assert.equal(refused.receipt, null);
assert.deepEqual(refused.userErrors.map(({ code, field }) => ({ code, field })), [{ code: 'REQUIRED', field: ['text'] }]);

const filed = (await form(FileComplaintDocument, { input })).fileComplaint;
assert.deepEqual(filed.userErrors, []);
assert.ok(filed.receipt);
const again = (await form(FileComplaintDocument, { input })).fileComplaint;
assert.equal(again.receipt?.reference, filed.receipt.reference, 'the same key gives the same answer');

const customer = client(filed.receipt.trackingToken);
const mine = (await customer(MyCaseDocument, {})).myCase;
assert.equal(mine.reference, filed.receipt.reference);
assert.equal(mine.stage, 'RECEIVED' satisfies CaseStage);
assert.ok(mine.nextContactDue && new Date(mine.nextContactDue) > new Date());

// The owner finds it in the list, page by page, and again by its reference.
const { viewer } = await owner(WhoDocument, {});
assert.ok(viewer?.__typename === 'Staff');

async function find(reference: string) {
  let after: string | null = null;
  for (let pages = 0; pages < 50; pages += 1) {
    const { cases }: CasesQuery = await owner(CasesDocument, { filter: { stages: ['RECEIVED'] }, first: 1, after });
    const row = cases.nodes.find((node) => node.reference === reference);
    if (row || !cases.pageInfo.hasNextPage) return row;
    after = cases.pageInfo.endCursor;
  }
  return undefined;
}

const row = await find(filed.receipt.reference);
assert.ok(row, 'the case is in its list');
const found = (await owner(CaseByDocument, { by: { reference: filed.receipt.reference } })).case;
assert.equal(found?.id, row.id);
assert.deepEqual(found.orderAmount, { amount: '1299.50', currency: 'SEK' });

/** Unions and interfaces narrow by `__typename`. */
function told(event: NonNullable<CaseByQuery['case']>['events'][number]): string {
  switch (event.__typename) {
    case 'CaseOpened':
      return `opened by ${event.channel}`;
    case 'StageChanged':
      return `${event.from} to ${event.to}`;
    default:
      return event.__typename;
  }
}

assert.ok(found.events.map(told).includes('opened by WEB'));
const [report] = found.reports;
assert.ok(report?.__typename === 'WebFormReport');
assert.equal(report.firstTimeReported, true);
assert.equal(report.words, input.text);

assert.equal(found.owner.id, viewer.id, 'the rules gave it to the owner whose token this is');
assert.ok(found.viewerCan.acknowledge);
const done = (
  await owner(AcknowledgeCaseDocument, { input: { caseId: found.id, message: 'We look after it, Maja.' } })
).acknowledgeCase;
assert.deepEqual(done.userErrors, []);
assert.equal(done.case?.stage, 'ACKNOWLEDGED' satisfies CaseStage);

const read = (await customer(MyCaseDocument, {})).myCase;
assert.equal(read.stage, 'ACKNOWLEDGED' satisfies CaseStage);
assert.equal(read.messages.at(-1)?.text, 'We look after it, Maja.');
console.log(`TypeScript: ${read.reference} was filed, followed and acknowledged.`);
