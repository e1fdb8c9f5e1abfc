import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

/** The package of the rules that CDK applies to each template that it synthesizes. */
interface Validation {
  readonly CompositeEngine: new (config: Rules) => Engine;
  readonly TemplateContent: new (content: string, name: string) => Text;
  readonly version: () => string;
}

interface Rules {
  readonly regoRules?: readonly { readonly name: string; readonly content: string }[];
}

interface Engine {
  validateTemplate(template: Text, config: unknown): unknown;
  free(): void;
}

interface Text {
  readonly content: string;
  readonly name: string;
}

/** Jest runs this file once per worker, outside of the suites, so its modules are loaded once. */
export const sharedRequire = createRequire(__filename);

const cdk = createRequire(require.resolve('aws-cdk-lib'));
const { CompositeEngine, TemplateContent, version } = cdk('@aws/cloudformation-validate') as Validation;

const rules = new Map<string, string>();
const reports = new Map<string, string>();
let shared: Engine | undefined;

/**
 * Shares one engine with all rules in a process, as the CDK also keeps an engine with more rules than a template needs.
 * An engine takes seconds to create, a report tenths of a second. Equal texts share a report.
 */
class SharedEngine implements Engine {
  constructor({ regoRules = [], ...others }: Rules) {
    const [other] = Object.keys(others);
    if (other !== undefined) throw new Error(`expected only rules in Rego, got ${other}`);
    const known = rules.size;
    for (const { name, content } of regoRules) rules.set(name, content);
    if (shared !== undefined && rules.size === known) return;
    shared?.free();
    shared = new CompositeEngine({ regoRules: [...rules].map(([name, content]) => ({ name, content })) });
  }

  public validateTemplate(template: Text, config: unknown): unknown {
    const key = createHash('sha256')
      .update(JSON.stringify([template.content, config]))
      .digest('hex');
    const report = reports.get(key) ?? JSON.stringify(shared?.validateTemplate(template, config));
    reports.set(key, report);
    return JSON.parse(report);
  }

  public free(): void {
    // another suite needs it
  }
}

/** CDK loads the package when it validates for the first time. */
const loaded = sharedRequire.cache[cdk.resolve('@aws/cloudformation-validate')];
if (loaded === undefined)
  throw new Error('expected CDK to load @aws/cloudformation-validate by require, got no module');
loaded.exports = { CompositeEngine: SharedEngine, TemplateContent, version } satisfies Validation;
