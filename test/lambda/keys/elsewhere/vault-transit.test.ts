import { describeKeyProvider } from '../contract';
import { LOGINS, startVaultTransit } from './vault-support';

for (const method of ['jwt', 'aws'] as const) {
  describeKeyProvider(`vault-transit with the login ${LOGINS[method].method}`, () => startVaultTransit(method));
}
