import { describe, expect, test } from '@jest/globals';
import { readEnvironments } from '../../bin/environments';

const SERVICE = 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0';
const proxy = { type: 'proxy', url: 'http://proxy.example.com:3128', peer: '10.1.0.0/24' };

describe('the way out of an environment', () => {
  test.each([
    { type: 'firewall' },
    { type: 'firewall', allowedDomains: ['status.example.com'] },
    { type: 'natGateway' },
    { type: 'privateLink', service: SERVICE },
    proxy,
    { ...proxy, peer: 'sg-0123456789abcdef0' },
    { ...proxy, peer: '10.1.0.0/16' },
    { type: 'vpc' },
  ])('is read with each type and each member: %j', (egress) => {
    expect(readEnvironments({ qa: { egress } })).toMatchObject([{ egress: { _kind: egress.type } }]);
  });

  test.each([
    ['that is text', 'firewall', 'egress: expected an object, got "firewall"'],
    [
      'of another type',
      { type: 'open' },
      'egress.type: expected firewall or natGateway or privateLink or proxy or vpc',
    ],
    [
      'to half of the internet',
      { type: 'firewall', allowedDomains: ['.com'] },
      'egress.allowedDomains: expected complete',
    ],
    [
      'with an unknown member',
      { type: 'natGateway', allowedDomains: [] },
      'egress: expected one of type, got the unknown',
    ],
    ['through a service without its name', { type: 'privateLink' }, 'egress.service: expected a name like'],
    ['through a proxy with a password', { ...proxy, url: 'http://a:b@proxy:3128' }, 'egress.url: expected an address'],
    ['through a proxy anywhere', { ...proxy, peer: 'any' }, 'egress.peer: expected the id of a security group, or a'],
    ['through a proxy at every address', { ...proxy, peer: '0.0.0.0/0' }, 'egress.peer: expected the id of a security'],
    [
      'through a proxy in many networks',
      { ...proxy, peer: '10.0.0.0/8' },
      'egress.peer: expected the id of a security',
    ],
    ['through a proxy of no address', { ...proxy, peer: '10.1.0.0/33' }, 'egress.peer: expected the id of a security'],
  ])('is refused %s', (_what, egress, message) => {
    expect(() => readEnvironments({ qa: { egress } })).toThrow(message);
  });
});
