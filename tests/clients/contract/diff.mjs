// Compares schema.graphql with the one of the last release (the last git tag) and refuses what would break a client.
// Before it says anything it shows that it can refuse: a field taken out of a copy must be reported as breaking.
// `node diff.mjs <repository>`

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { diff, CriticalityLevel } from '@graphql-inspector/core';
import { buildSchema, parse, print, visit } from 'graphql';

const repository = process.argv[2];
const git = (...args) => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', stdio: 'pipe' });
const sdl = readFileSync(path.join(repository, 'schema.graphql'), 'utf8');
const now = buildSchema(sdl);

const changes = async (before, after) => {
  const all = await diff(before, after);
  return { all, breaking: all.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking) };
};

/** The schema without one field of one type. */
function without(type, field) {
  let found = false;
  const cut = visit(parse(sdl), {
    FieldDefinition(node, _key, _parent, _path, ancestors) {
      if (node.name.value !== field || ancestors.at(-1)?.name?.value !== type) return undefined;
      found = true;
      return null;
    },
  });
  if (!found) throw new Error(`The schema has no ${type}.${field} to try the comparison with.`);
  return buildSchema(print(cut));
}

async function selfTest() {
  const { breaking } = await changes(now, without('CustomerCase', 'ownerName'));
  const paths = breaking.map(({ path }) => path);
  if (!paths.includes('CustomerCase.ownerName')) {
    throw new Error(`A field was removed and not reported as breaking; reported: ${paths.join(', ') || 'nothing'}.`);
  }
  const back = await changes(without('CustomerCase', 'ownerName'), now);
  if (back.breaking.length || !back.all.length) throw new Error('A field that is added must be a change, and no breaking one.');
  console.log('A removed field is reported as breaking, an added one is not.');
}

/** The last release's tag; null when there is no tag at all. Anything else that git says is an error. */
function lastRelease() {
  if (!git('tag', '--list').trim()) {
    if (git('rev-parse', '--is-shallow-repository').trim() === 'false') return null;
    throw new Error('A shallow clone without tags does not tell the last release: fetch the history and the tags.');
  }
  return git('describe', '--tags', '--abbrev=0').trim();
}

await selfTest();
const release = lastRelease();
if (!release) {
  console.log('No release yet: nothing to compare with.');
} else {
  const { all, breaking } = await changes(buildSchema(git('show', `${release}:schema.graphql`)), now);
  console.log(`${all.length} changes since ${release}, ${breaking.length} of them breaking.`);
  breaking.forEach(({ path, message }) => console.error(`breaking: ${path}: ${message}`));
  process.exitCode = breaking.length ? 1 : 0;
}
