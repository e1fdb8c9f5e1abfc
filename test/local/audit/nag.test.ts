import { describe, expect, jest, test } from '@jest/globals';
import { type Stack, Validations } from 'aws-cdk-lib';
import { ACKNOWLEDGEMENTS } from '../../../lib/private/acknowledgements';
import { cdkApp, environmentStack } from '../../support/synth';
import { PACKS, packFindings } from './packs';

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
type Environment = (typeof ENVIRONMENTS)[number];

function synthesized(environment: Environment): Stack {
  const app = cdkApp();
  const stack = environmentStack(environment, app);
  app.synth();
  return stack;
}

/** The rule ids that are acknowledged at constructs of a stack: `ID at PATH`, as findings are written. */
function acknowledged(stack: Stack): readonly string[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.keys(data as object))
        .map((id) => `${id.replace('Annotation::', '')} at ${node.path.slice(stack.node.path.length + 1)}`),
    )
    .filter((line) => !line.includes('CloudFormation-Validate'));
}

type Acknowledge = (this: Validations, ...given: Parameters<Validations['acknowledge']>) => void;

/** Returns the findings in every environment if this function takes the vault's acknowledgements instead. */
function findingsWith(acknowledge: Acknowledge): readonly string[] {
  const spy = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(acknowledge);
  const found = ENVIRONMENTS.flatMap((environment) => packFindings(synthesized(environment)));
  spy.mockRestore();
  return found;
}

describe('the rule packs, without acknowledgements,', () => {
  const found = findingsWith(() => undefined);

  test('find exactly what a vault acknowledges at its constructs', () => {
    const places = ENVIRONMENTS.flatMap((environment) => acknowledged(synthesized(environment)));

    expect([...new Set(places)].sort()).toEqual([...new Set(found)].sort());
  });

  test.each(ACKNOWLEDGEMENTS.flatMap(({ ids, at }) => ids.map((id) => [id, at] as const)))(
    'find %s at a path like %s, so that its acknowledgement is needed',
    (id, at) => {
      const start = `${id} at Vault/`;
      const paths = found.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));

      expect(paths.filter((path) => at.test(path))).not.toEqual([]);
    },
  );

  test('fail the synth of an app that has them as plugins', () => {
    const spy = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
    const app = cdkApp();
    environmentStack('dev', app);
    Validations.of(app).addPlugins(...PACKS.map((Pack) => new Pack(app)));

    expect(() => app.synth()).toThrow('AwsSolutions-IAM5[Resource::*]');
    spy.mockRestore();
  });

  test('find the same with mistyped ids in the acknowledgements', () => {
    const acknowledge: Acknowledge = Reflect.get<Validations, 'acknowledge'>(Validations.prototype, 'acknowledge');
    const mistyped = findingsWith(function (this: Validations, ...given) {
      acknowledge.apply(
        this,
        given.map((one) => ({ ...one, id: `${one.id} ` })),
      );
    });

    expect(mistyped).toEqual(found);
  });
});

describe('the acknowledgements', () => {
  test.each(ACKNOWLEDGEMENTS)('say why for $ids', ({ reason }) => {
    expect(reason.split(' ').length).toBeGreaterThan(20);
  });
});
