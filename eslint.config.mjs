import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The import arrows: for each room the pattern of what it may import; everything else is an error. `test/arrows.test.ts`
 * shows for each that it bites.
 */
const ARROWS = [
  { files: ['lambda/message/**/*.ts'], allow: ['node:crypto', '\\./[a-z-]+'] },
  {
    files: ['lambda/keys/**/*.ts'],
    allow: [
      'node:[a-z_]+',
      '\\./[a-z-]+',
      '\\.\\./(message|errors|bytes|attempt)',
      '@aws-sdk/client-(kms|secrets-manager)',
      '@smithy/[a-z-]+',
    ],
  },
  {
    files: ['lambda/transport/**/*.ts'],
    // message/gcm: the one way to decrypt that leaves no copy
    allow: ['node:crypto', '\\./[a-z-]+', '\\.\\./(api|errors|bytes)', '\\.\\./keys/provider', '\\.\\./message/gcm'],
  },
  {
    files: ['lambda/store/**/*.ts'],
    allow: [
      'node:[a-z_]+',
      'node:timers/promises',
      '\\./[a-z0-9/.-]+',
      '\\.\\./(api|errors|bytes|deadline|attempt|warnings)',
      'pg',
      '@aws-sdk/(rds-signer|client-secrets-manager)',
    ],
  },
  {
    // what Dynamic sends and how it is proven: opening envelopes and storing them is the handler's
    files: ['lambda/dynamic/**/*.ts'],
    allow: [
      'node:crypto',
      'valibot',
      '\\./[a-z-]+',
      '\\.\\./(api|errors|bytes|canonical|deadline|attempt|json|shape)',
      '@aws-sdk/client-secrets-manager',
    ],
  },
  {
    files: ['lambda/*.ts'],
    allow: [
      'node:[a-z_]+',
      'valibot',
      'aws-lambda',
      '@smithy/node-http-handler',
      '\\./[a-z-]+',
      '\\./(message|keys|transport|store|dynamic)/[a-z-]+',
    ],
  },
  {
    files: ['lib/**/*.ts'],
    allow: [
      'node:(crypto|fs|path)',
      'fs',
      'path',
      'constructs',
      'aws-cdk-lib(/.*)?',
      '(\\.\\./)+lambda/(env|metrics|warnings)',
      '\\.{1,2}/(?!.*lambda).*',
    ],
  },
  {
    // of the runtime its types, and the verifier of the access log, which imports nothing but node:crypto
    files: ['client/**/*.ts'],
    allow: ['node:[a-z_/]+', 'jose', '@aws-sdk/client-[a-z-]+', '\\./[a-z-]+', '(\\.\\./)+lambda/(api|store/chain)'],
  },
  {
    // the command line: imported by its own entry point alone
    files: ['client/cli.ts', 'client/commands/**/*.ts'],
    allow: [
      'node:[a-z_/]+',
      '@aws-sdk/client-(kms|secrets-manager|ssm)',
      '\\./(commands/)?[a-z-]+',
      '\\.\\./(delivery|options)',
      '(\\.\\./)+lambda/api',
    ],
  },
  {
    // asks services that no other command needs; loaded on demand
    files: ['client/commands/doctor/*.ts'],
    allow: [
      'node:[a-z_/]+',
      '@aws-sdk/client-[a-z-]+',
      '\\./[a-z0-9-]+',
      '\\.\\./(bounded|client-config|command|error-facts|json|printable)',
    ],
  },
  {
    // calls a vault as its typed client does; loaded on demand
    files: ['client/commands/log/*.ts'],
    allow: [
      'node:[a-z_/]+',
      '@aws-sdk/client-lambda',
      '\\./[a-z-]+',
      '\\.\\./(bounded|command|error-facts)',
      '\\.\\./\\.\\./(answers|client|errors|members|requests|verify)',
      '(\\.\\./)+lambda/(api|store/chain)',
    ],
  },
  // local/ runs the handlers that ship and reads templates: it may import the runtime, never the constructs
  { files: ['local/**/*.ts'], allow: ['(?!.*aws-cdk-lib)(?!(\\.\\./)+(lib|bin|test|bench)(/|$)).*'], dynamic: true },
];

/** A client of the SDK as it comes waits for ever for a response whose body stalls. */
const CLIENTS = [
  {
    files: /^lambda\//,
    selector:
      'NewExpression[callee.name=/.Client$/]:not(:has(NewExpression[callee.name=/^(Attempt|BlankPlaintext)Handler$/]))',
    message: 'Give the client a request handler that limits whole attempts: see lambda/attempt.ts.',
  },
  {
    files: /^client\/(cli\.ts|commands\/\*)/,
    selector: 'NewExpression[callee.name=/.Client$/]:not([arguments.0.callee.name="clientConfig"])',
    message: 'Make the client with clientConfig, which limits its attempts.',
  },
];

const arrow = ({ files, allow, dynamic = false }) => ({
  files,
  rules: {
    // a dynamic import would go round the arrows
    'no-restricted-syntax': dynamic
      ? 'off'
      : [
          'error',
          { selector: 'ImportExpression', message: 'Import statically.' },
          ...CLIENTS.filter((client) => files.some((pattern) => client.files.test(pattern))).map(
            ({ selector, message }) => ({ selector, message }),
          ),
        ],
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(?!(?:${allow.join('|')})$)`,
            message: 'This room may not import that: see the arrows in eslint.config.mjs.',
          },
        ],
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['**/node_modules', '**/dist', 'cdk.out', 'coverage', '**/*.d.ts', '**/*.js', '**/*.cjs'] },
  js.configs.recommended,
  { files: ['**/*.mjs'], languageOptions: { globals: { process: 'readonly' } } },
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // CDK's and the runtime's grammar: `new Part(this, 'Id')` for its effect, empty handlers, classes as namespaces
      '@typescript-eslint/no-extraneous-class': 'off',
      'no-new': 'off',
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['local/cli.ts', 'local/cli/**/*.ts', 'bin/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  ...ARROWS.map(arrow),
);
