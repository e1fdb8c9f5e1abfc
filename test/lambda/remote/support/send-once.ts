/** A process that sends one request: its environment decides about proxies and certificates. Writes how it ended. */
import { sendOnce } from '../../../../lambda/remote/request';

const [url = '', viaProxy] = process.argv.slice(2);

sendOnce(
  { service: 'test', method: 'GET', url: new URL(url), viaProxy: viaProxy === 'true' },
  AbortSignal.timeout(20_000),
).then(
  ({ status }) => process.stdout.write(String(status)),
  (error: unknown) =>
    process.stdout.write(error instanceof Error && 'code' in error ? String(error.code) : String(error)),
);
