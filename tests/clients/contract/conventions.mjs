// The schema's own conventions, which no linter knows: one input, one payload, one way to page, one way to find by id.
// `node conventions.mjs <schema.graphql>` prints each breach and ends with 1 if there is any.

import { readFileSync } from 'node:fs';
import { buildSchema, isInterfaceType, isObjectType, isNonNullType } from 'graphql';

const schema = buildSchema(readFileSync(process.argv[2], 'utf8'));
const breaches = [];
const must = (holds, where, what) => holds || breaches.push(`${where}: ${what}`);
const typeOf = (type, field) => String(type.getFields()[field]?.type ?? 'nothing');
const built = new Set(['Query', 'Mutation', 'Subscription', 'PageInfo']);

for (const [name, field] of Object.entries(schema.getMutationType().getFields())) {
  const Name = name[0].toUpperCase() + name.slice(1);
  const [input, ...more] = field.args;
  must(!more.length && input?.name === 'input', name, 'takes one argument, `input`');
  must(String(input?.type) === `${Name}Input!`, name, `takes \`${Name}Input!\`, not \`${input?.type}\``);
  must(String(field.type) === `${Name}Payload!`, name, `gives \`${Name}Payload!\`, not \`${field.type}\``);
  const payload = schema.getType(`${Name}Payload`);
  if (!isObjectType(payload)) continue;
  must(typeOf(payload, 'userErrors') === '[UserError!]!', payload, 'has `userErrors: [UserError!]!`');
  for (const result of Object.values(payload.getFields())) {
    if (result.name === 'userErrors') continue;
    must(!isNonNullType(result.type), `${payload}.${result.name}`, 'is null when nothing was changed');
  }
}

// Parts of a case's plan and of an agenda: their `id` is given to a mutation or marks a place in the list, and they are
// read only with the whole that they belong to.
const parts = new Set([
  'Absence', 'CaseClock', 'CustomerCommitment', 'CustomerStep', 'Escalation', 'OwnershipPeriod', 'PastCalendar', 'Plan',
  'PlanStep', 'Recount', 'TaskMail', 'TaskSharing', 'WebhookAttempt', 'WorkItem',
]);
// So are events: they are read from a case or a stream, and have the same id in each.
const isEvent = (type) =>
  type.name.endsWith('Event') || type.getInterfaces().some(({ name }) => name === 'CaseEvent');
// What was found is ranked, and read forwards only.
const ranked = new Set(['Query.search']);

for (const type of Object.values(schema.getTypeMap())) {
  if (type.name.startsWith('__') || built.has(type.name)) continue;
  if (type.name.endsWith('Connection')) {
    const row = type.name.slice(0, -'Connection'.length);
    must(typeOf(type, 'edges') === `[${row}Edge!]!`, type, `has \`edges: [${row}Edge!]!\``);
    must(typeOf(type, 'nodes') === `[${row}!]!`, type, `has \`nodes: [${row}!]!\``);
    must(typeOf(type, 'pageInfo') === 'PageInfo!', type, 'has `pageInfo: PageInfo!`');
    must(typeOf(type, 'totalCount') === 'Int!', type, 'has `totalCount: Int!`');
    must(typeOf(schema.getType(`${row}Edge`), 'node') === `${row}!`, type, `has edges with \`node: ${row}!\``);
  }
  if (!isObjectType(type) && !isInterfaceType(type)) continue;
  const node = type.getInterfaces().some(({ name }) => name === 'Node');
  if (isObjectType(type)) {
    const own = 'id' in type.getFields() && !parts.has(type.name) && !isEvent(type);
    must(node === own, type, 'has an `id` if and only if it implements `Node`');
  }
  for (const field of Object.values(type.getFields())) {
    const paged = String(field.type).endsWith('Connection!');
    const args = field.args.map(({ name }) => name);
    const pages = ['after', 'before', 'first', 'last'].every((name) => args.includes(name));
    must(paged === pages, `${type}.${field.name}`, 'is a connection if and only if it pages both ways');
    must(paged || !args.includes('first') || ranked.has(`${type}.${field.name}`), `${type}.${field.name}`, 'is no connection, so it takes no `first`');
  }
}

breaches.forEach((breach) => console.error(breach));
console.log(breaches.length ? `${breaches.length} breaches.` : 'Every convention holds.');
process.exitCode = breaches.length ? 1 : 0;
