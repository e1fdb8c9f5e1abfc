import * as logs from 'aws-cdk-lib/aws-logs';

/**
 * A last line: the handlers log named fields alone and no material. Should one ever slip through, CloudWatch masks
 * what looks like it.
 */
export function logProtection(): logs.DataProtectionPolicy {
  return new logs.DataProtectionPolicy({
    name: 'share-vault',
    identifiers: [
      logs.DataIdentifier.AWSSECRETKEY,
      logs.DataIdentifier.OPENSSHPRIVATEKEY,
      logs.DataIdentifier.PKCSPRIVATEKEY,
      // a JWE: five parts, the first beginning a JSON object
      new logs.CustomDataIdentifier(
        'CompactJwe',
        'eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*',
      ),
      // the member of a share that must never be seen
      new logs.CustomDataIdentifier('SecretShare', 'secretShare[^A-Za-z0-9]+[A-Za-z0-9+/=_-]+'),
    ],
  });
}
