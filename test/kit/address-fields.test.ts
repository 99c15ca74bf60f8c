import { errorCode } from '../../src/kernel/index.ts';
import {
  isIp,
  isLoopback,
  isWildcard,
  joinAddress,
  parseSocketAddress,
  splitAddress,
} from '../../src/kit/address-fields.ts';

describe('splitAddress and joinAddress', () => {
  test.each([
    ['192.0.2.7:4000', '192.0.2.7', 4000],
    ['[2001:db8::7]:4000', '2001:db8::7', 4000],
    ['node.example:1', 'node.example', 1],
    ['127.0.0.1:0', '127.0.0.1', 0],
    [':4000', '', 4000],
    ['', '', 0],
    ['ws://node.example:80/path', 'ws://node.example:80/path', 0],
    ['1.2.3.4:65536', '1.2.3.4:65536', 0],
    ['1.2.3.4:080', '1.2.3.4:080', 0],
    ['[name]:80', '[name]:80', 0],
    ['alone', 'alone', 0],
  ])('take %j apart and put it together again', (address, ip, port) => {
    expect(splitAddress(address)).toEqual({ ip, port });
    expect(joinAddress({ ip, port })).toBe(address);
  });
});

describe('parseSocketAddress', () => {
  test.each([
    [' 192.0.2.7:4000 ', '192.0.2.7', 4000],
    ['[2001:DB8:0:0::7]:1', '2001:db8::7', 1],
    ['[::ffff:127.0.0.1]:1', '::ffff:7f00:1', 1],
    ['Node.Example:65535', 'node.example', 65535],
    ['localhost:0', 'localhost', 0],
  ])('reads %j', (text, ip, port) => {
    expect(parseSocketAddress(text)).toEqual({ ip, port });
  });

  test.each([
    '',
    ':80',
    'host',
    'host:',
    'host:65536',
    'host:-1',
    'host:1e3',
    'ho st:80',
    '-host:80',
    'host-:80',
    'a..b:80',
    '1.2.3:80',
    '1.2.3.256:80',
    '01.2.3.4:80',
    '::1:80',
    '[::1',
    '[::1]',
    '[1.2.3.4]:80',
    '[:::]:80',
    '[::1%eth0]:80',
    'http://host:80',
    `${'a'.repeat(64)}:80`,
  ])('refuses %j and says what is expected', (text) => {
    let thrown: unknown;
    try {
      parseSocketAddress(text);
    } catch (error) {
      thrown = error;
    }
    expect(errorCode(thrown)).toBe('ERR_ADDRESS');
    expect(String(thrown)).toContain('expected host:port');
  });
});

describe('what an IP address is', () => {
  test('loopback, in all its spellings', () => {
    for (const ip of ['127.0.0.1', '127.9.9.9', '::1', '0:0::1', '::ffff:127.0.0.1', 'localhost']) {
      expect([ip, isLoopback(ip)]).toEqual([ip, true]);
    }
    for (const ip of ['128.0.0.1', '::2', '::ffff:128.0.0.1', '::', 'localhost.example', '127.0.0.1.example', '']) {
      expect([ip, isLoopback(ip)]).toEqual([ip, false]);
    }
  });

  test('wildcard, in all its spellings', () => {
    for (const ip of ['0.0.0.0', '::', '0::0', '::ffff:0.0.0.0']) expect([ip, isWildcard(ip)]).toEqual([ip, true]);
    for (const ip of ['0.0.0.1', '::1', '', 'localhost']) expect([ip, isWildcard(ip)]).toEqual([ip, false]);
  });

  test('an IP address at all', () => {
    for (const ip of ['1.2.3.4', '::', 'fe80::1']) expect([ip, isIp(ip)]).toEqual([ip, true]);
    for (const ip of ['', 'a', '1.2.3', '1.2.3.4.5', ':', '1:2', 'g::']) expect([ip, isIp(ip)]).toEqual([ip, false]);
  });
});
