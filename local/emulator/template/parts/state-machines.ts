import * as v from 'valibot';
import { dictionary, text } from '../fields';
import type { Resources } from '../resources';

export const STATE_MACHINE = 'AWS::StepFunctions::StateMachine';

/** A state machine of Step Functions. */
export interface StateMachinePart {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** JSON, as the template has it; undefined if it is in an S3 bucket or has substitutions */
  readonly definition: string | undefined;
  /** `STANDARD` or `EXPRESS` */
  readonly type: string;
}

const FIELDS = {
  DefinitionString: v.optional(text),
  Definition: v.optional(dictionary(v.unknown())),
  DefinitionSubstitutions: v.optional(dictionary(v.unknown())),
  RoleArn: text,
  StateMachineType: v.optional(text, 'STANDARD'),
};

export function readStateMachines(resources: Resources): readonly StateMachinePart[] {
  const { resolver } = resources;
  return resources.of(STATE_MACHINE, FIELDS).map(({ logicalId, properties }) => {
    const { DefinitionString, Definition, DefinitionSubstitutions, RoleArn: roleArn, StateMachineType } = properties;
    const arn = resolver.name(logicalId);
    const definition = DefinitionString ?? (Definition && JSON.stringify(Definition));
    return {
      ...{ logicalId, arn, roleArn, type: StateMachineType, name: arn.slice(arn.lastIndexOf(':') + 1) },
      definition: DefinitionSubstitutions === undefined ? definition : undefined,
    };
  });
}

/** Returns the logical id of the machine with an ARN; undefined if the template lacks it. */
export function machineWith(arn: string, resources: Resources): string | undefined {
  return resources.idByName(STATE_MACHINE, arn);
}
