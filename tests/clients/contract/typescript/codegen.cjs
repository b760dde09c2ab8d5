// How the TypeScript client is generated: every scalar has a type of its own, nothing is `any`.
const path = require('node:path');

const here = (...parts) => path.join(__dirname, '..', ...parts);

module.exports = {
  schema: here('..', '..', '..', 'schema.graphql'),
  documents: here('documents', '*.graphql'),
  generates: {
    [here('generated', 'typescript', 'client.ts')]: {
      plugins: ['typescript', 'typescript-operations', 'typed-document-node'],
      config: {
        strictScalars: true,
        scalars: { DateTime: 'string', CalendarDate: 'string', Decimal: 'string', Base64: 'string' },
        enumsAsTypes: true,
        useTypeImports: true,
        skipTypename: true,
        avoidOptionals: { field: true },
        maybeValue: 'T | null',
        immutableTypes: true,
      },
    },
  },
};
