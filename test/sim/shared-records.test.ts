import { SharedRecords } from '../../src/sim/network/shared-records.ts';
import { hex32, node, record, statement } from '../node/messages/samples.ts';

const [a, b] = [hex32('a'), hex32('b')];

test('records that say the same are one object, and say what they said', () => {
  const pool = new SharedRecords();
  const [kept, again] = [pool.node(node(a)), pool.node(node(a))];
  expect(again).toBe(kept);
  expect(kept).toEqual(node(a));
  const [said, repeated] = [pool.statement(statement()), pool.statement(statement())];
  expect(repeated).toBe(said);
  expect(said).toEqual(statement());
});

test.each([
  ['incarnation', { incarnation: 2 }],
  ['address', { address: '192.0.2.8:4000' }],
  ['place', { place: { zone: 'munich' } }],
])('a node with another %s is another record', (_what, over) => {
  const pool = new SharedRecords();
  pool.node(node(a));
  expect(pool.node(node(a, over))).toEqual(node(a, over));
});

test.each([
  ['stamp', { sequence: 2 }],
  ['holding', { held: false }],
  ['part', { held: false, part: true }],
  ['replica', { replica: true }],
  ['content', { record: record({ checksum: 'd'.repeat(64) }) }],
  ['size', { record: record({ size: 2 }) }],
  ['time', { record: record({ modifiedMs: 2 }) }],
  ['writer', { record: record({ writer: b }) }],
  ['version', { record: record({ version: new Map([[a, 2]]) }) }],
  ['manifest', { record: record({ manifest: 'e'.repeat(64) }) }],
  ['user', { record: record({ user: 'bob' }) }],
  ['name', { record: record({ name: 'b.txt' }) }],
])('a statement with another %s is another statement', (_what, over) => {
  const pool = new SharedRecords();
  pool.statement(statement());
  expect(pool.statement(statement(over))).toEqual(statement(over));
});
