import * as v from 'valibot';
import { KINDS } from '../../emulator/authorization/decision';
import { AREAS } from './controls';

/** The number of this format: a reader of another one should stop. */
export const FORMAT = 'share-vault-audit-report/1';

const TEXTS = v.array(v.string());

/** `holds`: shown by the template; `review`: an owner's choice to judge; `fails`: a defect. */
export const VERDICTS = ['holds', 'review', 'fails', 'not applicable'] as const;
const VERDICT = v.picklist(VERDICTS);

const FINDING = v.strictObject({
  stack: v.string(),
  resource: v.string(),
  path: v.string(),
  property: v.string(),
  expected: v.string(),
  got: v.string(),
});

const EVIDENCE = v.strictObject({
  resource: v.string(),
  type: v.string(),
  property: v.string(),
  value: v.string(),
  expected: v.string(),
  holds: v.boolean(),
});

const PROBLEM = v.strictObject({
  check: v.string(),
  resource: v.string(),
  problem: v.string(),
  /** the properties that differ, else where the allow-list finds the same; empty: a choice that the owner has */
  at: v.array(v.strictObject({ resource: v.string(), property: v.string() })),
});

const CONTROL = v.strictObject({
  id: v.string(),
  area: v.picklist(AREAS),
  title: v.string(),
  standards: v.strictObject({ securityHub: TEXTS, cis: TEXTS, cdkNag: TEXTS }),
  exceptions: v.array(v.strictObject({ ids: TEXTS, reason: v.string() })),
  verdict: VERDICT,
  evidence: v.array(EVIDENCE),
  problems: v.array(PROBLEM),
  beyond: v.string(),
  confirm: v.string(),
});

const CHECKLIST_LINE = v.strictObject({
  line: v.string(),
  part: v.picklist(['required', 'forbidden']),
  verdict: VERDICT,
  controls: TEXTS,
  tests: TEXTS,
  beyond: v.string(),
});

const STATEMENT = v.strictObject({
  id: v.string(),
  kind: v.picklist(KINDS),
  policy: v.string(),
  statement: v.string(),
  text: v.string(),
});

const ACCESS = v.strictObject({
  principals: v.array(
    v.strictObject({ name: v.string(), arn: v.string(), logicalId: v.optional(v.string()), unknownPolicies: TEXTS }),
  ),
  requests: v.array(v.strictObject({ name: v.string(), action: v.string(), object: v.string(), group: v.string() })),
  /** those that are allowed, and those that a statement denies; no statement allows any other */
  decisions: v.array(
    v.strictObject({
      principal: v.string(),
      request: v.string(),
      result: v.picklist(['allowed', 'denied']),
      by: TEXTS,
      /** the statements of service control policies that deny it; absent: none does */
      deniedByControl: v.optional(TEXTS),
    }),
  ),
  statements: v.array(STATEMENT),
});

const EDGE = v.strictObject({
  from: v.string(),
  to: v.string(),
  action: v.string(),
  by: TEXTS,
});

const WAY = v.strictObject({
  request: v.string(),
  steps: TEXTS,
  reaches: v.picklist(['material', 'later material', 'ciphertext']),
  by: TEXTS,
  alarms: TEXTS,
  deniedByControl: TEXTS,
});

const REACH = v.strictObject({
  nodes: v.array(v.strictObject({ id: v.string(), layer: v.number(), kind: v.string() })),
  edges: v.array(EDGE),
  ways: v.array(WAY),
});

const VAULT = v.strictObject({
  environment: v.string(),
  stack: v.string(),
  account: v.string(),
  region: v.string(),
  /** the archives that its functions run: an asset's SHA-256, or the object's key */
  code: v.array(v.strictObject({ function: v.string(), archive: v.string() })),
  /** resources of the same stack that are not the vault's, and whether one uses the vault as the allow-list permits */
  beside: v.array(v.strictObject({ resource: v.string(), type: v.string(), uses: v.boolean() })),
  controls: v.array(CONTROL),
  checklist: v.array(CHECKLIST_LINE),
  access: ACCESS,
  reach: REACH,
});

/** An effect of a deploy, with the logical ids that have it. */
const EFFECT = v.strictObject({
  effect: v.picklist(['refused', 'unreadable', 'replaced', 'mayBeReplaced', 'deleted', 'orphaned', 'renamed', 'blocksReturn']), // prettier-ignore
  resources: TEXTS,
});

const LIFECYCLE = v.strictObject({
  stack: v.string(),
  /** resources that outlive the stack */
  retained: TEXTS,
  problems: v.array(v.strictObject({ rule: v.string(), resource: v.string(), problem: v.string() })),
  /** effects of a deploy over the former template; absent without one */
  over: v.optional(v.strictObject({ sha256: v.string(), effects: v.array(EFFECT) })),
});

const MADE_FROM = v.strictObject({
  /** as the caller gave it: a clock would make each report differ */
  time: v.optional(v.string()),
  program: v.strictObject({ name: v.string(), version: v.string() }),
  packages: v.array(v.strictObject({ name: v.string(), version: v.string() })),
  templates: v.array(
    v.strictObject({ stack: v.string(), file: v.string(), sha256: v.string(), resources: v.number() }),
  ),
  controlPolicies: v.strictObject({
    sample: v.boolean(),
    files: v.array(v.strictObject({ file: v.string(), sha256: v.string() })),
  }),
  against: v.optional(v.strictObject({ sha256: v.string(), time: v.optional(v.string()) })),
});

const ALLOWED = v.strictObject({ environment: v.string(), principal: v.string(), request: v.string() });
const CHANGES = v.strictObject({
  gained: v.array(ALLOWED),
  lost: v.array(ALLOWED),
  verdicts: v.array(
    v.strictObject({ environment: v.string(), control: v.string(), before: v.string(), after: v.string() }),
  ),
  newFindings: v.array(FINDING),
  goneFindings: v.array(FINDING),
});

/** The whole report, as `--json` writes it. */
export const REPORT = v.strictObject({
  format: v.literal(FORMAT),
  verdict: v.picklist(['holds', 'fails']),
  madeFrom: MADE_FROM,
  findings: v.array(FINDING),
  vaults: v.array(VAULT),
  lifecycle: v.array(LIFECYCLE),
  changes: v.optional(CHANGES),
});

export type Report = v.InferOutput<typeof REPORT>;
export type VaultReport = Report['vaults'][number];
export type ControlReport = VaultReport['controls'][number];
export type Evidence = ControlReport['evidence'][number];
export type Verdict = ControlReport['verdict'];
export type Access = VaultReport['access'];
export type Reach = VaultReport['reach'];
export type StackFinding = Report['findings'][number];
export type Changes = NonNullable<Report['changes']>;
