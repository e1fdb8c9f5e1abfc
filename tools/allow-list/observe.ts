import { canonical } from '../../local/audit/canonical';
import { type FeatureData, readFeatures } from '../../local/audit/features';
import { at, type Json, type JsonObject, listOf } from '../../local/audit/json';
import { fill, humanId, STACK } from '../../local/audit/roles';
import { withPseudoNames } from '../../local/audit/scope';
import { SHARE_KEY_USER, shareKeyRoles } from '../../local/audit/share-keys';
import { readOutputs, readResources, type Resource } from '../../local/audit/template';
import { type Named, nameParts, squeezed } from './paths';
import type { Sample } from './synthesize';

/** A resource of a reviewed vault with its canonical values. */
export interface Observed extends Named {
  readonly id: string;
  readonly type: string;
  readonly attributes: JsonObject;
  readonly dependsOn: readonly string[];
  readonly properties: Json;
}

/** A reviewed vault as the allow-list is taken from it. */
export interface Observation {
  readonly sample: Sample;
  readonly features: Readonly<Record<string, string>>;
  readonly resources: readonly Observed[];
  /** Each resource's pattern and values by its name in canonical texts. */
  readonly byName: ReadonlyMap<string, Named>;
}

export function observe(sample: Sample, featureData: Readonly<Record<string, FeatureData>>): Observation {
  const named = nameResources(sample);
  const nameOf = (id: string): string => {
    const found = named.get(id);
    return found ? fill(found.pattern, squeezed(found.values)) : `@${id}`;
  };
  const all = [...readResources(sample.template), ...readOutputs(sample.template)];
  const resources = all.flatMap((resource) => {
    const found = named.get(resource.id);
    return found ? [observeResource(resource, found, nameOf, sample)] : [];
  });
  const members = resources.map((each) => ({ role: { path: each.pattern }, resource: each }));
  const bodyOf = ({ resource }: (typeof members)[number]) => ({
    ...resource.attributes,
    Properties: resource.properties,
  });
  const features = readFeatures(featureData, members as never, bodyOf as never, {
    environment: sample.environment,
    region: sample.env?.region,
  });
  return { sample, features, resources, byName: new Map([...named].map(([id, each]) => [nameOf(id), each])) };
}

function observeResource(
  { id, type, body }: Resource,
  named: Named,
  nameOf: (id: string) => string,
  { env }: Sample,
): Observed {
  const { Type: _, Properties = {}, Metadata: __, DependsOn = [], ...attributes } = body;
  const scope = { account: env?.account, region: env?.region, partition: env && 'aws' };
  const write = (value: Json) => withPseudoNames(canonical(value, nameOf), scope);
  return {
    ...named,
    id,
    type,
    attributes: write(attributes) as JsonObject,
    dependsOn: listOf(DependsOn).flatMap((each) => (typeof each === 'string' ? [nameOf(each)] : [])),
    properties: write(Properties),
  };
}

/** Names the resources below the vault, and those that the CDK makes for it once per stack. */
function nameResources(sample: Sample): ReadonlyMap<string, Named> {
  const resources = readResources(sample.template);
  const own = resources.flatMap(({ id, type, path }) =>
    path?.startsWith(`${sample.vault}/`) ? [{ id, type, path: path.slice(sample.vault.length + 1) }] : [],
  );
  const peers = own.filter(({ type }) => type === 'AWS::EC2::SecurityGroup').map(({ path }) => humanId(path));
  const named = new Map<string, Named>(own.map(({ id, path }) => [id, nameParts(path, peers)]));
  for (const { id, path } of sharedBy(resources, new Set(named.keys()))) named.set(id, { pattern: path, values: {} });
  const user = resources.find(({ path }) => path === `${sample.vault}/${SHARE_KEY_USER}`);
  const prefix = sample.vault.split('/').slice(1).join('');
  for (const { id, body } of readOutputs(sample.template)) {
    const description = at(body, 'Properties', 'Description');
    if (typeof description !== 'string' || !description.startsWith(`share vault ${sample.environment}: `)) continue;
    named.set(id, { pattern: `Outputs/${id.replace(`Outputs.${prefix}`, '')}`, values: {} });
  }
  for (const [id, pattern] of shareKeyRoles(user?.body)) named.set(id, { pattern, values: {} });
  return named;
}

/** Finds the providers of custom resources that the vault's resources name, and those that these name themselves. */
function sharedBy(resources: readonly Resource[], own: ReadonlySet<string>): readonly { id: string; path: string }[] {
  const isProvider = ({ path }: Resource) => path !== undefined && /^[^/]+\/[^/]*CustomResourceProvider\//.test(path);
  const found = new Map<string, string>();
  let users = resources.filter(({ id }) => own.has(id));
  while (users.length > 0) {
    const text = JSON.stringify(users.map(({ body }) => body));
    const next = resources.filter((each) => isProvider(each) && !found.has(each.id) && text.includes(`"${each.id}"`));
    for (const { id, path = '' } of next) found.set(id, STACK + path.split('/').slice(1).join('/'));
    users = next;
  }
  return [...found].map(([id, path]) => ({ id, path }));
}
