import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const SCRIPT_IMPORTS = ['(?!(\\./|\\.\\./)*\\.\\./(test|examples)(/|$)).*'];

/**
 * The import arrows: the patterns of allowed imports for each room. Any other import is an error. `test/arrows.test.ts`
 * shows a violation of each.
 */
const ARROWS = [
  // each fact once: pure, and all that lib/, client/ and local/ may import of the runtime
  { files: ['lambda/contract/**/*.ts'], allow: ['node:crypto', 'valibot', '\\./[a-z-]+'] },
  { files: ['lambda/message/**/*.ts'], allow: ['node:crypto', '\\./[a-z-]+', '\\.\\./contract/(bytes|limits)'] },
  {
    files: ['lambda/keys/**/*.ts'],
    allow: [
      'node:[a-z_]+',
      '\\.\\.?/[a-z-]+',
      '\\./elsewhere/[a-z-]+',
      '(\\.\\./)+message(/index)?',
      '(\\.\\./)+contract/[a-z-]+',
      '(\\.\\./)+invocation/(attempt|deadline|settle)',
      '(\\.\\./)+remote/[a-z0-9-]+',
      '@aws-sdk/client-(kms|secrets-manager)',
      '@smithy/[a-z-]+',
    ],
  },
  {
    // keys outside the vault's own KMS: no SDK
    files: ['lambda/keys/elsewhere/**/*.ts'],
    allow: [
      'node:[a-z_]+',
      '\\./[a-z-]+',
      '\\.\\./[a-z-]+',
      '\\.\\./\\.\\./(message|contract/[a-z-]+|invocation/(attempt|deadline|settle)|remote/[a-z0-9-]+)',
    ],
  },
  {
    // calls of services outside AWS, and how a function proves who it is there; for keys and stores elsewhere
    files: ['lambda/remote/**/*.ts'],
    allow: [
      'node:[a-z_/]+',
      '\\./[a-z-]+',
      '\\.\\./contract/[a-z-]+',
      '\\.\\./invocation/(attempt-limits|credentials|deadline)',
      '@smithy/[a-z0-9-]+',
    ],
  },
  {
    files: ['lambda/transport/**/*.ts'],
    // message/gcm: the only function that decrypts without leaving a copy
    allow: [
      'node:crypto',
      '\\./[a-z-]+',
      '\\.\\./contract/[a-z-]+',
      '\\.\\./keys/provider',
      '\\.\\./message/gcm',
      '\\.\\./requests/json',
    ],
  },
  {
    files: ['lambda/store/**/*.ts'],
    allow: [
      'node:[a-z_]+',
      'node:timers/promises',
      '\\./[a-z0-9/.-]+',
      '(\\.\\./)+contract/[a-z-]+',
      '(\\.\\./)+invocation/(attempt|batch|deadline|settle)',
      // body stores: their services, and what cuts a message
      '\\.\\./[a-z-]+',
      '\\.\\./\\.\\./message',
      '(\\.\\./)+remote/[a-z0-9-]+',
      'pg',
      '@aws-sdk/(rds-signer|client-secrets-manager)',
    ],
  },
  {
    // readers of bytes and requests that refuse anything unexpected
    files: ['lambda/requests/**/*.ts'],
    allow: ['\\./[a-z-]+', '\\.\\./contract/[a-z-]+'],
  },
  {
    // Dynamic's deliveries and their signatures; the handler opens and stores the envelopes
    files: ['lambda/webhook/**/*.ts'],
    allow: [
      'node:crypto',
      'valibot',
      '\\./[a-z-]+',
      '\\.\\./contract/[a-z-]+',
      '\\.\\./invocation/(attempt|deadline)',
      '\\.\\./requests/(json|requests)',
      '\\.\\./keys/provider',
      '\\.\\./transport/hybrid',
      '@aws-sdk/client-secrets-manager',
    ],
  },
  {
    files: ['lambda/invocation/**/*.ts'],
    allow: [
      'node:[a-z_]+',
      'aws-lambda',
      '@smithy/node-http-handler',
      '\\./[a-z-]+',
      '\\.\\./contract/[a-z-]+',
      '\\.\\./message',
      '\\.\\./(keys|store|webhook|keys/elsewhere|store/bodies)/[a-z-]+',
    ],
  },
  {
    files: ['lambda/*.ts'],
    allow: ['node:[a-z_]+', '\\./(contract|invocation|requests|webhook|message|keys|remote|transport|store)/[a-z-]+'],
  },
  {
    files: ['lib/**/*.ts'],
    allow: [
      'node:(crypto|fs|path)',
      'fs',
      'path',
      'constructs',
      'aws-cdk-lib(/.*)?',
      '(\\.\\./)+lambda/contract/[a-z-]+',
      '(?!(\\./|\\.\\./)*\\.\\./(lambda|client|local|bin|tools|test|bench|examples)(/|$))\\.{1,2}/.*',
    ],
  },
  {
    files: ['client/**/*.ts'],
    allow: [
      'node:[a-z_/]+',
      'jose',
      'lru-cache',
      '@aws-sdk/client-[a-z-]+',
      '\\./[a-z-]+',
      '(\\.\\./)+lambda/contract/[a-z-]+',
    ],
  },
  {
    // packages that only some callers need
    files: ['client/fetch-intake-keys.ts', 'client/lookup.ts', 'client/tracing.ts'],
    allow: ['node:[a-z_/]+', '@aws-sdk/client-(kms|ssm)', '\\./[a-z-]+', '(\\.\\./)+lambda/contract/[a-z-]+'],
    dynamic: true,
  },
  {
    // the command line: only its own entry point imports it
    files: ['client/cli.ts', 'client/commands/**/*.ts'],
    allow: [
      'node:[a-z_/]+',
      'commander',
      '\\.\\./package\\.json',
      '@aws-sdk/client-(kms|secrets-manager|ssm)',
      '\\./(commands/)?[a-z-]+',
      // the descriptions of the commands for data and for freezes
      '\\./(data|freezes)/[a-z-]+',
      '\\.\\./(delivery|options)',
      '(\\.\\./)+lambda/contract/[a-z-]+',
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
      '(\\.\\./)+lambda/contract/[a-z-]+',
    ],
  },
  {
    // call a vault as its typed client does; the client is loaded on demand
    files: ['client/commands/{data,freezes,log}/*.ts'],
    allow: [
      'node:[a-z_/]+',
      '@aws-sdk/client-lambda',
      '\\./[a-z-]+',
      '\\.\\./(bounded|client-config|command|confirm|error-facts|exit-codes|json|layout|lines|output|printable|rsa-keys|shell-quote|watch)',
      '\\.\\./data/(options|vault|with-client)',
      '\\.\\./log/(lines|with-archived)',
      '\\.\\./\\.\\./(client|errors|options|record|requests|responses|verify)',
      '(\\.\\./)+lambda/contract/[a-z-]+',
    ],
  },
  {
    // keys, their material and the machine that reseals; loaded on demand
    files: ['client/commands/rotation/*.ts'],
    allow: [
      'node:(crypto|stream|timers/promises)',
      'valibot',
      '@aws-sdk/client-(kms|lambda|sfn|sts)',
      '\\./[a-z-]+',
      '\\.\\./(aws|bounded|client-config|command|confirm|error-facts|exit-codes|layout|lines|output|printable|watch)',
      '\\.\\./data/(options|private-file|vault)',
      '\\.\\./\\.\\./client',
      '(\\.\\./)+lambda/contract/[a-z-]+',
    ],
  },
  {
    // opens stored messages offline, by the runtime's own reader
    files: ['client/commands/recover/*.ts'],
    allow: [
      'node:(crypto|fs)',
      'valibot',
      '\\./[a-z-]+',
      '\\.\\./(command|error-facts|exit-codes|printable)',
      '\\.\\./data/(interrupt|options|private-file|targets)',
      '\\.\\./rotation/tombstone-list',
      '\\.\\./\\.\\./\\.\\./lambda/(contract/[a-z-]+|message|keys/record-context|store/bodies/cut)',
    ],
  },
  {
    // AWS on one machine: knows neither a vault nor its runtime
    files: ['local/emulator/**/*.ts'],
    allow: [
      '(?!(\\./|\\.\\./)*\\.\\./(vault|demo|cli|audit|lambda|client|lib|bin|tools|test|bench|examples)(/|$))(?!.*aws-cdk-lib).*',
    ],
    dynamic: true,
  },
  // the vault on that emulator runs the bundles that ship: neither constructs nor handlers' code
  {
    files: ['local/*.ts', 'local/{demo,cli,audit}/**/*.ts'],
    allow: [
      '(?!.*aws-cdk-lib)(?!(\\.\\./)+(lib|bin|tools|test|bench|examples|lambda)(/|$)).*',
      '(\\.\\./)+lambda/contract/[a-z-]+',
      // the demo shows a stored message's header
      '\\.\\./\\.\\./lambda/message',
    ],
    dynamic: true,
  },
  // the programs that show a vault use it, and not the reverse
  {
    files: ['local/vault/**/*.ts'],
    allow: [
      '(?!.*aws-cdk-lib)(?!(\\.\\./)+(demo|cli|audit|lib|bin|tools|test|bench|examples|lambda)(/|$)).*',
      '(\\.\\./)+lambda/contract/[a-z-]+',
    ],
    dynamic: true,
  },
  // scripts: they may use everything that ships, and no helper of a suite; suites may use them
  { files: ['{bin,tools,bench}/**/*.ts'], allow: SCRIPT_IMPORTS, dynamic: true },
  // projects of their own, which install the packages
  { files: ['examples/**/*.ts'], allow: ['(?!\\.\\./).*'] },
  // calls a deployed vault
  { files: ['tools/first-deploy/**/*.ts'], allow: SCRIPT_IMPORTS, dynamic: true },
];

/** The vault's own client gets a client of the SDK. */
const SDK_CLIENT = '[callee.name=/.Client$/]:not([callee.name="ShareVaultClient"])';

/**
 * Rejects SDK clients with default settings: such a client waits forever if a response's body stalls. `files` matches the
 * patterns of `ARROWS`.
 */
const CLIENTS = [
  {
    files: /^lambda\//,
    selector: `NewExpression${SDK_CLIENT}:not(:has(NewExpression[callee.name=/^(Attempt|BlankPlaintext)Handler$/]))`,
    message: 'Give the client a request handler that limits whole attempts: see lambda/invocation/attempt.ts.',
  },
  {
    files: /^(client\/(cli\.ts|commands\/)|tools\/first-deploy\/)/,
    selector: `NewExpression${SDK_CLIENT}:not([arguments.0.callee.name="clientConfig"])`,
    message: 'Make the client with clientConfig, which limits its attempts.',
  },
  {
    files: /^client\/(\*\*|fetch-intake-keys|lookup)/,
    selector: `NewExpression${SDK_CLIENT}:not(:has(Property[key.name="maxAttempts"][value.value=1]))`,
    message: 'Make the client with one attempt: client/invoke.ts limits each attempt and makes the retries.',
  },
];

const MESSAGE = 'This room may not import that: see the arrows in eslint.config.mjs.';

/** A rule for one room. A room that is `dynamic` may import dynamically, by the same arrows; other rooms may not. */
const arrow = ({ files, allow, dynamic = false }, refused = `^(?!(?:${allow.join('|')})$)`) => ({
  files,
  rules: {
    'no-restricted-syntax': [
      'error',
      dynamic
        ? { selector: `ImportExpression[source.value=/${refused.replaceAll('/', '\\u002F')}/]`, message: MESSAGE }
        : { selector: 'ImportExpression', message: 'Import statically.' },
      ...CLIENTS.filter((client) => files.some((pattern) => client.files.test(pattern))).map(
        ({ selector, message }) => ({ selector, message }),
      ),
    ],
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [{ regex: refused, message: MESSAGE }],
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
  {
    files: ['local/cli.ts', 'local/cli/**/*.ts', 'bin/**/*.ts', 'tools/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  ...ARROWS.map((each) => arrow(each)),
);
