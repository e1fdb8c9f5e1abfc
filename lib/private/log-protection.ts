import * as logs from 'aws-cdk-lib/aws-logs';

/**
 * Returns a last protection: the handlers log only named fields and no material. If material is logged by mistake,
 * CloudWatch masks text of its form.
 */
export function logProtection(): logs.DataProtectionPolicy {
  return new logs.DataProtectionPolicy({
    name: 'share-vault',
    identifiers: [
      logs.DataIdentifier.AWSSECRETKEY,
      logs.DataIdentifier.OPENSSHPRIVATEKEY,
      logs.DataIdentifier.PKCSPRIVATEKEY,
      // a JWE: five parts, the first of which is the start of a JSON object
      new logs.CustomDataIdentifier(
        'CompactJwe',
        'eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*',
      ),
      // the member of a share that must never be visible
      new logs.CustomDataIdentifier('SecretShare', 'secretShare[^A-Za-z0-9]+[A-Za-z0-9+/=_-]+'),
    ],
  });
}
