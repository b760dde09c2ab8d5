// What graphql-eslint asks of the schema: every rule of its two largest sets, but for those that contradict a decision.
import { fileURLToPath } from 'node:url';
import graphql from '@graphql-eslint/eslint-plugin';

const schema = fileURLToPath(new URL('../../../schema.graphql', import.meta.url));

const decided = {
  // The exporter orders by code point and treats `id` as any other name, so its order never differs between two exports.
  '@graphql-eslint/alphabetize': 'off',
  // This service writes and pushes: mutations and subscriptions are what it is for.
  '@graphql-eslint/no-root-type': 'off',
  // A payload names exactly what the act changed and normalized caches find it by `id`; a whole `Query` behind each act
  // would let one request read anything inside its answer.
  '@graphql-eslint/require-field-of-type-query-in-mutation-result': 'off',
  // Payloads and connections are always there, and a refusal is an error of the whole request: a nullable root would make
  // every client check for something that never happens.
  '@graphql-eslint/require-nullable-result-in-root': 'off',
  // Events are known by case and `seq`, the rest without an id are values inside something that has one.
  '@graphql-eslint/strict-id-in-types': 'off',
  // Short lists that belong to one thing (a case's tasks, a payload's errors) are plain lists; what grows is a connection.
  // The rest of the rule holds.
  '@graphql-eslint/relay-edge-types': [
    'error',
    { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
  ],
  // Stricter than the set: not only types and root fields but every field, argument, input field and enum value.
  '@graphql-eslint/require-description': [
    'error',
    {
      types: true,
      DirectiveDefinition: true,
      FieldDefinition: true,
      InputValueDefinition: true,
      EnumValueDefinition: true,
    },
  ],
};

export default [
  {
    files: ['**/*.graphql'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-all'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      ...decided,
    },
  },
];
