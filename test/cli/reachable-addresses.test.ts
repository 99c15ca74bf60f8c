import { hostPortForm } from '../../src/kit/index.ts';
import { websocket } from '../../src/plugins/index.ts';
import { createPlugin } from '../support/create-plugin.ts';
import { reachableAddresses } from '../../src/cli/reachable-addresses.ts';

const interfaces = {
  lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true }],
  eth0: [
    { address: '192.168.1.7', family: 'IPv4', internal: false },
    { address: 'fe80::1', family: 'IPv6', internal: false },
    { address: '2001:db8::7', family: 'IPv6', internal: false },
  ],
  tun0: undefined,
};

test.each([
  ['0.0.0.0:4700', ['192.168.1.7:4700']],
  ['[::]:4700', ['192.168.1.7:4700', '[2001:db8::7]:4700']],
  ['127.0.0.1:4700', []],
  ['203.0.113.5:4700', []],
  ['wss://node.example/peerhold', []],
])('a node that listens on %s is reached from elsewhere at %j', (listening, addresses) => {
  expect(reachableAddresses(listening, hostPortForm, interfaces)).toEqual(addresses);
});

test('an address of another form keeps all but its host', () => {
  const { addressForm } = createPlugin(websocket());
  expect(reachableAddresses('ws://0.0.0.0:4700/path', addressForm!, interfaces)).toEqual([
    'ws://192.168.1.7:4700/path',
  ]);
});
