import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { signCallerIdentity, signCallerIdentityUrl } from '../../../lambda/remote/caller-identity';

const environment = { ...process.env };
beforeEach(() => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'unused',
    AWS_ENDPOINT_URL_STS: 'https://vpce-1.sts.eu-central-1.vpce.amazonaws.com',
  });
  Reflect.deleteProperty(process.env, 'AWS_ENDPOINT_URL');
});
afterEach(() => {
  process.env = environment;
});

describe('a signed GetCallerIdentity', () => {
  test.each([
    ['eu-central-1', 'https://sts.eu-central-1.amazonaws.com/'],
    ['cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn/'],
  ])("names the public endpoint of %s, not the one of the function's network", async (region, expected) => {
    process.env.AWS_REGION = region;

    const [signed, inUrl] = [await signCallerIdentity({}), await signCallerIdentityUrl({})];

    expect(signed.url.href).toBe(expected);
    expect(inUrl.url.href).toBe(`${expected}?Action=GetCallerIdentity&Version=2011-06-15`);
    expect([signed.headers.host, inUrl.headers.host]).toEqual(Array(2).fill(new URL(expected).host));
  });

  test('names the endpoint of every service, if a local one replaces them', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:4566';

    expect((await signCallerIdentity({})).url.href).toBe('http://127.0.0.1:4566/');
  });

  test('signs the header that binds it to its receiver', async () => {
    const { headers } = await signCallerIdentity({ 'x-vault-aws-iam-server-id': 'vault.example.com' });

    expect(headers.authorization).toMatch(/SignedHeaders=[^,]*x-vault-aws-iam-server-id/);
  });
});
