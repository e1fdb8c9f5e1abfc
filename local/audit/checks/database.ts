import { type Check, both, every, is, oneOf, problems } from './finding';
import { REVIEWED_PARAMETERS } from './reviewed/parameters';
import { at, list, members, ofType } from './template';

const CLUSTER = 'AWS::RDS::DBCluster';
const INSTANCE = 'AWS::RDS::DBInstance';
const PARAMETERS = 'AWS::RDS::DBClusterParameterGroup';
const STORAGE_KEY = '${VaultStorageKey.Arn}';

/** RDS.27: encrypted, and under the vault's own key: another one can't be changed to without a new cluster. */
export const storageIsEncrypted = both(
  every(CLUSTER, ['StorageEncrypted'], is(true)),
  every(CLUSTER, ['KmsKeyId'], is(STORAGE_KEY)),
);

/** SecretsManager.1 and .4: RDS keeps and rotates the master password, under the vault's own key. */
export const masterSecretIsManaged = both(
  every(CLUSTER, ['ManageMasterUserPassword'], is(true)),
  every(CLUSTER, ['MasterUserSecret', 'KmsKeyId'], is(STORAGE_KEY)),
  every(CLUSTER, ['MasterUserPassword'], is(undefined)),
);

/** RDS.24: the master has no default name, which attackers try first. */
export const masterUsernameIsNotDefault = every(CLUSTER, ['MasterUsername'], is('vault_master'));

/** RDS.7. */
export const databaseResistsDeletion = every(CLUSTER, ['DeletionProtection'], is(true));

/** RDS.12. */
export const iamAuthenticationIsEnabled = every(CLUSTER, ['EnableIAMDatabaseAuthentication'], is(true));

/** RDS.23. */
export const portIsNotDefault = every(CLUSTER, ['Port'], is(5433));

/** RDS.2: explicit, since the default of RDS depends on the subnets. */
export const databaseIsPrivate = every(INSTANCE, ['PubliclyAccessible'], is(false));

/** RDS.13 and .35. */
export const minorVersionsAreInstalled = both(
  every(CLUSTER, ['AutoMinorVersionUpgrade'], is(true)),
  every(INSTANCE, ['AutoMinorVersionUpgrade'], is(true)),
);

/** RDS.16. */
export const snapshotsCarryTags = every(CLUSTER, ['CopyTagsToSnapshot'], is(true));

/** RDS.37. */
export const databaseExportsItsLog = every(CLUSTER, ['EnableCloudwatchLogsExports'], is(['postgresql']));

/** RDS.15: in `prod` a second instance, and everywhere subnets to put it in. */
export const databaseSpansZones: Check = (template) => [
  ...problems('AWS::RDS::DBSubnetGroup', ofType(template, 'AWS::RDS::DBSubnetGroup'), ({ properties }) =>
    list(at(properties, 'SubnetIds')).length < 2 ? ['expected two subnets at least, got fewer'] : [],
  ),
  ...problems(CLUSTER, ofType(template, CLUSTER), () =>
    template.environment === 'prod' && ofType(template, INSTANCE).length < 2
      ? ['expected a reader in a second zone, got none']
      : [],
  ),
];

/** Only `dev` may pause: the first call then waits for the database to wake. */
export const databaseStaysAwake = ((template) =>
  template.environment === 'dev'
    ? []
    : every(CLUSTER, ['ServerlessV2ScalingConfiguration', 'MinCapacity'], {
        expected: 'over 0',
        holds: (value) => Number(value) > 0,
      })(template)) satisfies Check;

/** RDS takes a mistyped name at synth and refuses it at deploy. */
export const parametersAreKnown: Check = (template) =>
  problems(PARAMETERS, ofType(template, PARAMETERS), ({ properties }) =>
    members(at(properties, 'Parameters'))
      .filter(([name]) => !(name in REVIEWED_PARAMETERS))
      .map(([name]) => `expected a reviewed parameter, got ${name}`),
  );

/** Each parameter exists and has a reviewed value: one that is missing has the engine's default. */
export const parametersHaveReviewedValues: Check = (template) =>
  Object.entries(REVIEWED_PARAMETERS).flatMap(([name, values]) =>
    every(PARAMETERS, ['Parameters', name], oneOf(...values))(template),
  );

/** A group of another family is refused at deploy, or leaves the cluster on the default group. */
export const parametersFitTheEngine: Check = (template) =>
  problems(CLUSTER, ofType(template, CLUSTER), ({ properties }) => {
    const [major] = String(at(properties, 'EngineVersion')).split('.');
    const family = `${String(at(properties, 'Engine'))}${String(major)}`;
    const group = String(at(properties, 'DBClusterParameterGroupName'));
    const fits = ofType(template, PARAMETERS).some(
      (each) => `\${${each.id}}` === group && at(each.properties, 'Family') === family,
    );
    return fits ? [] : [`expected a parameter group of the template of family ${family}, got ${group}`];
  });
