import type { Policy } from '../../emulator/authorization';
import type { StackTemplate } from '../../emulator/template';
import { ALLOW_LIST } from '../allow-list';
import type { Finding } from '../finding';
import { at } from '../json';
import { type Request, decision } from '../matrix/cell';
import { environmentsOf, matrixOf } from '../matrix/template-matrix';
import { exceptWithoutPermission } from '../matrix/without-permission';
import { TemplateAudit } from '../template-audit';
import { accessOf, StatementIndex } from './access';
import { AlarmRules } from './alarm-rules';
import { checklistOf } from './checklist';
import { changesSince } from './compare';
import { controlResults } from './control-results';
import { lifecycleOf } from './lifecycle-part';
import { Pointers } from './pointers';
import { reachOf } from './reach';
import { referenceTemplate } from './reference-template';
import { FORMAT, type Report, type VaultReport } from './schema';
import type { AuditedStack, AuditedStacks } from './stacks';
import { waysOf } from './ways';

/** Everything that a report is made from. */
export interface ReportInput {
  readonly audited: AuditedStacks;
  /** the same stacks, linked to one template whose policies can be evaluated */
  readonly linked: StackTemplate;
  /** report only this environment @default - each */
  readonly environment: string | undefined;
  readonly control: readonly Policy[];
  readonly madeFrom: Report['madeFrom'];
  /** templates that are deployed now, by the stack's name */
  readonly former: ReadonlyMap<string, AuditedStack>;
  readonly against: Report | undefined;
}

/** Makes the report, the same for the same input. */
export async function createReport(input: ReportInput): Promise<Report> {
  const { audited, linked, environment, madeFrom, former, against } = input;
  const audits = audited.stacks.map((stack) => auditStack(stack, audited.known));
  const chosen = environmentsOf(linked).filter((name) => environment === undefined || name === environment);
  const vaults: VaultReport[] = [];
  for (const name of chosen) vaults.push(await vaultReport(name, audits, input));
  const findings = audits.flatMap(({ stack, findings }) =>
    findings.map((finding) => ({ stack: stack.name, ...finding })),
  );
  const fails =
    findings.length > 0 || vaults.some(({ controls }) => controls.some(({ verdict }) => verdict === 'fails'));
  const report = {
    format: FORMAT,
    verdict: fails ? ('fails' as const) : ('holds' as const),
    madeFrom,
    findings,
    vaults,
    lifecycle: audited.stacks.map((stack) => lifecycleOf(stack, former.get(stack.name))),
  } satisfies Report;
  return against === undefined ? report : { ...report, changes: changesSince(against, report) };
}

interface StackAudit {
  readonly stack: AuditedStack;
  readonly audit: TemplateAudit;
  readonly findings: readonly Finding[];
}

function auditStack(stack: AuditedStack, known: AuditedStacks['known']): StackAudit {
  const audit = new TemplateAudit(stack.template, ALLOW_LIST, known);
  return { stack, audit, findings: audit.findings() };
}

async function vaultReport(
  environment: string,
  audits: readonly StackAudit[],
  input: ReportInput,
): Promise<VaultReport> {
  // prettier-ignore
  const { linked, control, audited } = input;
  const found = audits.find(({ audit }) => audit.vaults.some(({ facts }) => facts.environment === environment));
  const named = (request: Request): Request => withStack(request, linked.resolver.deployment.stack, found?.stack.name);
  const decide = exceptWithoutPermission(decision);
  const decided = await matrixOf(linked, environment, (request, principal) => decide(named(request), principal));
  const matrix = { ...decided, cells: decided.cells.map((cell) => ({ ...cell, request: named(cell.request) })) };
  const index = new StatementIndex();
  const access = await accessOf(matrix, control, index);
  const drawn = reachOf(matrix, index);
  const { stack, account, region } = matrix.vault.place;
  const controls = found === undefined ? [] : controlsOf(environment, found);
  return {
    environment,
    stack: found?.stack.name ?? stack,
    account,
    region,
    code: found === undefined ? [] : codeOf(environment, found),
    beside: found === undefined ? [] : besideOf(found),
    controls: [...controls],
    checklist: checklistOf(controls),
    access: { ...access, statements: index.all() },
    reach: { ...drawn, ways: waysOf(access, new AlarmRules(audited.stacks, environment)) },
  };
}

/** Names the vault's own stack in a request: linked stacks have the name of their folder. */
function withStack(request: Request, linked: string, own = linked): Request {
  return { ...request, resource: request.resource.replace(`:stack/${linked}/`, `:stack/${own}/`) };
}

function controlsOf(environment: string, { stack, audit, findings }: StackAudit): VaultReport['controls'] {
  const vault = audit.vaults.find(({ facts }) => facts.environment === environment);
  if (vault === undefined) return [];
  const suspects = new Set(findings.map(({ resource }) => resource));
  const reference = referenceTemplate(vault, stack.template, suspects);
  return [...controlResults(reference, new Pointers(findings, stack.template.Resources))];
}

/** Returns the resources of a vault's stack that belong to no vault. */
function besideOf({ stack: { template }, audit }: StackAudit): VaultReport['beside'] {
  const ids = new Set(audit.vaults.flatMap(({ members }) => [...members.keys()]));
  return Object.entries(template.Resources)
    .filter(([id]) => !ids.has(id))
    .map(([resource, body]) => ({ resource, type: String(body.Type), uses: [...ids].some((id) => JSON.stringify(body).includes(`"${id}"`)) })); // prettier-ignore
}

/** Returns the archives of a vault's functions, as its template names them. */
function codeOf(environment: string, { audit }: StackAudit): VaultReport['code'] {
  const vault = audit.vaults.find(({ facts }) => facts.environment === environment);
  return [...(vault?.members.values() ?? [])].flatMap(({ resource: { id, type, body } }) => {
    if (type !== 'AWS::Lambda::Function') return [];
    const code = at(body, 'Properties', 'Code');
    const archive = at(code, 'S3Key') ?? (at(code, 'ZipFile') === undefined ? undefined : 'in the template');
    return [{ function: id, archive: typeof archive === 'string' ? archive.replace(/\.zip$/, '') : JSON.stringify(archive ?? null) }]; // prettier-ignore
  });
}
