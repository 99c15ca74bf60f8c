import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transportCompliance } from 'peerhold/compliance';
import { seededRandom, silentLogger, systemClock } from 'peerhold/kit';
import { conformance, unixSocket } from './unix-socket.ts';

const context = {
  clock: systemClock(),
  random: seededRandom(1),
  logger: silentLogger(),
  environment: {},
  stderr: { isTerminal: false, write: () => undefined },
  onClose: () => undefined,
};
const { definition } = unixSocket;
const create = () => definition.create(definition.options.parse({}), context);

const cases = transportCompliance({
  clock: context.clock,
  create: async () => create(),
  address: conformance.listen,
  nobody: conformance.nobody,
});
for (const { name, run } of cases) void test(name, run);

void test('takes absolute paths only', () => {
  assert.equal(create().parse('/tmp/b.sock'), '/tmp/b.sock');
  assert.throws(() => create().parse('b.sock'), { code: 'ERR_ADDRESS' });
});
