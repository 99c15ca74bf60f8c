import { hostOf, sourceOf } from '../../../src/node/link/address-host.ts';

describe('the host of an address', () => {
  test.each([
    ['10.0.0.1:80', '10.0.0.1'],
    ['[::1]:80', '::1'],
    ['localhost:4000', 'localhost'],
    ['ws://127.0.0.1:80/path', '127.0.0.1'],
    ['wss://[2001:db8::1]/path', '2001:db8::1'],
    ['/run/peerhold.sock', undefined],
    ['nonsense', undefined],
  ])('of %s is %s', (address, host) => expect(hostOf(address)).toBe(host));
});

describe('the source that limits are counted for', () => {
  test.each([
    ['10.0.0.1:80', '10.0.0.1'],
    ['10.0.0.1:81', '10.0.0.1'],
    ['[2001:db8:1:2:3:4:5:6]:80', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]:80', '2001:db8:1:2::/64'],
    ['[2001:db8::9]:80', '2001:db8:0:0::/64'],
    ['[::1]:80', '0:0:0:0::/64'],
    ['[fe80::1%eth0]:80', 'fe80:0:0:0::/64'],
    ['[::ffff:a00:1]:80', '::ffff:a00:1'],
    ['@abstract', '@abstract'],
  ])('of %s is %s', (remote, source) => expect(sourceOf(remote)).toBe(source));
});
