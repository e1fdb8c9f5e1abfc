import type { ControlReport, VaultReport, Verdict } from './schema';

interface Line {
  readonly line: string;
  readonly part: 'required' | 'forbidden';
  readonly controls: readonly string[];
  /** what shows it beside the template: a test of this repository, by its file */
  readonly tests: readonly string[];
  readonly beyond: string;
}

/**
 * The requirements of Dynamic's page on storing materials, each with what shows it. A line that no template can show
 * names the tests that do.
 */
const LINES: readonly Line[] = [
  {
    line: 'Plain material is in no log, error or metric',
    part: 'required',
    controls: ['function-logs', 'webhook-log', 'database-log'],
    tests: ['test/log-scan.test.ts', 'test/lambda/handlers.test.ts'],
    beyond: 'Logs of the callers, who hold opened material.',
  },
  {
    line: 'Material is encrypted at rest with AES-256-GCM, and so is the storage',
    part: 'required',
    controls: ['database-encryption', 'storage-key', 'database-backups', 'share-key-context'],
    tests: ['test/lambda/message/esdk.test.ts'],
    beyond: 'The format of a record: any AWS Encryption SDK can read one.',
  },
  {
    line: 'All connections use TLS 1.3',
    part: 'required',
    controls: ['database-tls', 'network-endpoints', 'alarm-topic'],
    tests: ['test/lambda/store/outage.test.ts'],
    beyond: "API Gateway and AWS's endpoints also take TLS 1.2; within TLS, material is encrypted once more.",
  },
  {
    line: 'Only named services and roles can decrypt',
    part: 'required',
    controls: ['key-principals', 'key-administration', 'role-permissions', 'role-trust', 'role-function', 'function-callers'], // prettier-ignore
    tests: ['test/local/audit/matrix/matrix.test.ts'],
    beyond: 'Grants at run time, and changes after the deploy.',
  },
  {
    line: 'Every access is logged with its time and its actor',
    part: 'required',
    controls: ['change-rules', 'alarms', 'function-callers'],
    tests: ['test/lambda/store/log-escape.test.ts', 'test/lambda/store/tickets.test.ts'],
    beyond: 'The access log itself: share-vault log --verify.',
  },
  {
    line: 'Each environment has keys of its own',
    part: 'required',
    controls: ['share-key-context', 'key-principals', 'published-parameters'],
    tests: ['test/local/audit/matrix/template-matrix.test.ts'],
    beyond: 'Templates that are not in this report.',
  },
  {
    line: 'Each record is encrypted under a data key and an IV of its own',
    part: 'required',
    controls: ['share-key-context'],
    tests: ['test/lambda/message/write.test.ts'],
    beyond: 'Records: the handler makes a new data key for each, which no template shows.',
  },
  {
    line: 'Keys rotate every 90 days',
    part: 'required',
    controls: ['key-rotation', 'database-master-secret', 'reseal-machine'],
    tests: [],
    beyond: 'RSA keys do not rotate by themselves: docs/incidents/rotation.md.',
  },
  {
    line: 'A compromised key has a plan',
    part: 'required',
    controls: ['key-deletion', 'change-rules', 'alarms'],
    tests: ['test/e2e'],
    beyond: 'docs/incidents.md: whether your people have rehearsed it.',
  },
  {
    line: 'Secrets are overwritten in memory, and deleted for good in storage',
    part: 'required',
    controls: ['sweep', 'tombstone-bucket', 'database-backups'],
    tests: ['test/lambda/store/revocation.test.ts'],
    beyond: 'Memory: SECURITY.md has the measured residue. A backup keeps sealed bytes until it expires.',
  },
  {
    line: 'No plain material in a database',
    part: 'forbidden',
    controls: ['database-encryption', 'share-key-context', 'database-login'],
    tests: ['test/e2e/webhook-refusals.test.ts'],
    beyond: 'Rows: none of the tables has a column for plain material.',
  },
  {
    line: 'No secret in code, in a template or in a variable',
    part: 'forbidden',
    controls: ['function-variables', 'secrets-key', 'database-master-secret'],
    tests: ['test/local/audit/mutations.test.ts'],
    beyond: 'Repositories and pipelines of the callers.',
  },
  {
    line: 'No material to a browser, and none in plain text to a caller',
    part: 'forbidden',
    controls: ['webhook-route', 'function-callers', 'network-isolation'],
    tests: ['test/lambda/transport/outbound.test.ts'],
    beyond: 'What a caller does with opened material.',
  },
  {
    line: 'No key is shared between environments, and none without a context',
    part: 'forbidden',
    controls: ['share-key-context', 'key-copies', 'transport-keys'],
    tests: ['test/local/audit/matrix/damage.test.ts'],
    beyond: 'Templates that are not in this report.',
  },
  {
    line: 'No permission on every key, and no administrator who can decrypt',
    part: 'forbidden',
    controls: ['role-permissions', 'policy-form', 'key-administration'],
    tests: ['test/local/audit/matrix/matrix.test.ts'],
    beyond: 'Indirect ways: the list of ways in this report.',
  },
  {
    line: 'No webhook without a verified signature',
    part: 'forbidden',
    controls: ['webhook-route', 'webhook-keys', 'secrets-key'],
    tests: ['test/lambda/webhook/signature.test.ts', 'test/lambda/receive-refusals.test.ts'],
    beyond: "The handler's code: no template shows what it verifies.",
  },
];

/** The worst verdict of a line's controls is its own. */
const WORST: readonly Verdict[] = ['fails', 'review', 'holds', 'not applicable'];

/** Returns the checklist with the verdicts of the controls that show its lines. */
export function checklistOf(controls: readonly ControlReport[]): VaultReport['checklist'] {
  return LINES.map(({ line, part, controls: ids, tests, beyond }) => {
    const verdicts = controls.filter(({ id }) => ids.includes(id)).map(({ verdict }) => verdict);
    const verdict = WORST.find((one) => verdicts.includes(one)) ?? 'not applicable';
    return { line, part, verdict, controls: [...ids], tests: [...tests], beyond };
  });
}
