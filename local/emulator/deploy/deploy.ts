import { AuthorizationError, authorizationAvailable, createAuthorizer, explain } from '../authorization';
import { accessRequestOf } from './access-request';
import { Authority } from './authority';
import type { DeployOptions, Deployed } from './contract';
import { createData } from './data';
import { notCreated } from './database';
import { skippedRules } from './event-bus';
import { requireVariables, skippedFunctions } from './functions';
import { credentialsOf } from './identities';
import { missingSecrets } from './outside-secrets';
import { PolicyBook, unknownPolicies } from './policy-book';
import { amender } from './read';
import { bindPorts, serve } from './serve';
import { type Closers, openSite } from './site';
import { requireSchedules } from './schedules';
import { startStandIns } from './stand-ins';
import { skippedMachines } from './state-machines';
import { runTriggers } from './triggers';

/**
 * Deploys a synthesized template to this machine: creates its keys, secrets, parameters, functions, APIs and database,
 * and decides every call by its policies. If a step fails, stops all that was started and removes a data folder that it
 * created. Throws `TemplateError`, and `AuthorizationError` if policies can't be evaluated.
 */
export async function deployTemplate(options: DeployOptions): Promise<Deployed> {
  const closers: Closers = [];
  const close = async (failed: boolean): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer(failed);
  };
  try {
    return await deploy(options, closers, () => close(false));
  } catch (error) {
    await close(true);
    throw error;
  }
}

async function deploy(options: DeployOptions, closers: Closers, close: () => Promise<void>): Promise<Deployed> {
  const { authorization: enabled = true, trace } = options;
  if (enabled) await requireAuthorization();
  const site = await openSite(options, closers);
  const { template, names, place, identities, trail, kms, secrets, parameters } = site;
  requireVariables(template);
  requireSchedules(template);

  const ports = await bindPorts(site);
  const { logins, skipped: keysSkipped } = await createData(site);
  const outside = Object.entries(options.ssmParameters ?? {});
  const published = template.storedParameters().map(({ name, value }) => [name, value] as const);
  for (const [name, value] of [...outside, ...published]) parameters.publish(name, value);
  const book = new PolicyBook(template);
  const amendedBy = amender(options, names);
  const reachability = template.reachability();
  const authorizer = createAuthorizer();
  const authority = new Authority({ place, identities, book, authorizer, trail, enabled, trace, reachability });
  const standIns = await startStandIns(site, authority, ports.aws.url);
  const { gate, bus, lambda, functions, restores } = serve(site, { ports, authority, logins, standIns });
  await site.step(
    'triggers',
    () => runTriggers({ template, identities, gate, lambda }),
    (count) => (count === 0 ? 'none in this template' : `${count} invoked, as in each deploy`),
  );

  return {
    ...{ url: ports.aws.url, region: place.region, account: place.account, administrator: identities.administrator() },
    ...{
      template,
      kms,
      secrets,
      parameters,
      postgres: logins.postgres,
      lambda,
      webhookUrl: ports.apis.webhookUrl,
      trail,
      restores,
      close,
    },
    elsewhere: standIns.running,
    unreachable: reachability.unreachable(),
    missingSecrets: missingSecrets(template, secrets),
    skipped: [
      ...[...template.skipped(), ...notCreated(template), ...skippedFunctions(template)],
      ...[...skippedRules(template), ...skippedMachines(template)],
      ...[...keysSkipped, ...ports.apis.skipped, ...unknownPolicies(template)],
    ],
    session: (role, choices) => identities.session(role, choices),
    variables: (name) => functionNamed(functions, name).env ?? {},
    functionSession: (name) => credentialsOf(identities.functionSession(functionNamed(template.functions(), name))),
    principal: (name, policies, choices) => identities.add(name, policies, choices),
    explain: async (principal, action, resource, context) =>
      explain(await authority.decide(accessRequestOf(template, identities, { principal, action, resource, context }))),
    fire: (rule) => bus.fire(rule),
    decideWith: (amend) => authority.use(amend === undefined ? book : new PolicyBook(amendedBy(amend))),
  };
}

function functionNamed<T extends { readonly name: string }>(functions: readonly T[], named: string): T {
  const found = functions.find(({ name }) => name === named);
  if (found === undefined) throw new TypeError(`expected a function of the template, got ${JSON.stringify(named)}`);
  return found;
}

async function requireAuthorization(): Promise<void> {
  if (await authorizationAvailable()) return;
  const message = 'expected @cloud-copilot/iam-simulate to be installed, which evaluates policies, got none';
  throw new AuthorizationError('SimulatorMissing', message);
}
