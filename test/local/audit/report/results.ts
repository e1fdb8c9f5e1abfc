import { ALLOW_LIST, type Finding } from '../../../../local/audit';
import { controlResults } from '../../../../local/audit/report/control-results';
import { Pointers } from '../../../../local/audit/report/pointers';
import { referenceTemplate } from '../../../../local/audit/report/reference-template';
import type { ControlReport } from '../../../../local/audit/report/schema';
import { TemplateAudit } from '../../../../local/audit/template-audit';
import type { TemplateJson } from '../../../support/mutate';

/** The controls of a template's first vault, its differences, and the ids of resources that are not the vault's. */
export interface Results {
  readonly controls: readonly ControlReport[];
  readonly findings: readonly Finding[];
  readonly beside: readonly string[];
}

/** Evaluates the controls of a template's first vault, as a report does. */
export function resultsOf(template: TemplateJson): Results {
  const audit = new TemplateAudit(template, ALLOW_LIST);
  const [vault] = audit.vaults;
  if (vault === undefined) throw new Error('expected a vault, got none');
  const findings = audit.findings();
  const reference = referenceTemplate(vault, template, new Set(findings.map(({ resource }) => resource)));
  const controls = controlResults(reference, new Pointers(findings, template.Resources));
  return { controls, findings, beside: Object.keys(template.Resources).filter((id) => !vault.members.has(id)) };
}
