import { plainIp, socketAddress } from '../../src/kit/index.ts';

test.each([
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::FFFF:1.2.3.4', '1.2.3.4'],
  ['1.2.3.4', '1.2.3.4'],
  ['::1', '::1'],
  ['::ffff:102:304', '::ffff:102:304'],
  ['::ffff:1.2.3.4%eth0', '::ffff:1.2.3.4%eth0'],
])('the IP address %s stands as %s', (ip, plain) => {
  expect(plainIp(ip)).toBe(plain);
});

test.each([
  ['::ffff:1.2.3.4', 80, '1.2.3.4:80'],
  ['2001:db8::7', 80, '[2001:db8::7]:80'],
  // A socket that was destroyed knows neither.
  [undefined, undefined, ''],
])('an end of a socket with %s and %s is %j', (ip, port, address) => {
  expect(socketAddress(ip, port)).toBe(address);
});
