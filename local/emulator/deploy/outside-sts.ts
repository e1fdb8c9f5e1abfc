import { startAwsServer } from '../services/aws-server';
import { createSts } from '../services/sts';
import { verifyRequest } from '../signature';
import type { Site } from './site';

/**
 * Starts AWS STS as services outside AWS reach it. They send a `GetCallerIdentity` that a function signed, which needs no
 * permission: the function itself needs no route to STS. Returns its URL.
 */
export async function startOutsideSts({ identities, place, closers }: Site): Promise<string> {
  const { sessions } = identities;
  const sts = await startAwsServer({
    // no issuer of web identity tokens, so that it refuses to make one
    services: [createSts((accessKeyId) => sessions.find(accessKeyId))],
    guard: {
      verify: (request, body, { signingName: service, protocol }) => {
        const known = { credentials: sessions, region: place.region, service, protocol };
        return { principal: verifyRequest(request, body, known).principal };
      },
      authorise: () => Promise.resolve(() => undefined),
    },
  });
  closers.push(() => sts.close());
  return sts.url;
}
