import { describeEvent, historyOf, type ChaosEvent } from './history.ts';

/** What CI runs. */
const SHORT = { seed: 15, nodes: 5, seconds: 20 };

test('the same seed gives the same history, another seed another', () => {
  expect(historyOf(SHORT)).toEqual(historyOf(SHORT));
  expect(historyOf({ ...SHORT, seed: 2 })).not.toEqual(historyOf(SHORT));
});

test('events come in order, within the time, and name nodes there are', () => {
  const { events, edges } = historyOf({ seed: 3, nodes: 4, seconds: 120 });
  const times = events.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(Math.max(...times)).toBeLessThan(120);
  const named = new Set([...JSON.stringify({ events, edges }).matchAll(/"(n\d+)"/g)].map(([, name]) => name));
  expect([...named].sort()).toEqual(['n1', 'n2', 'n3', 'n4']);
});

test('the history of the short form has everything that can happen', () => {
  const { events } = historyOf(SHORT);
  const kinds = new Set(events.map((event) => (event.verb === 'flood' ? `flood with ${event.with}` : event.verb)));
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      ...['write', 'delete', 'get', 'send', 'kill', 'restart', 'leave', 'cut', 'partition', 'stop'],
      ...['flood with garbage', 'flood with silence'],
    ]),
  );
});

test.each([
  [{ verb: 'kill', at: 1, kill: 'n3' }, 'kill: n3'],
  [{ verb: 'write', at: 2, write: 'a b', on: 'n1', bytes: 9 }, 'write: a b, on: n1, bytes: 9'],
  [{ verb: 'cut', at: 3, cut: ['n1', 'n2'], seconds: 1.5 }, 'cut: [n1,n2], seconds: 1.5'],
  [{ verb: 'partition', at: 3, partition: [['n1', 'n2']], seconds: 2 }, 'partition: [[n1,n2]], seconds: 2'],
  [{ verb: 'flood', at: 4, flood: 'n1', with: 'garbage', seconds: 2 }, 'flood: n1, with: garbage, seconds: 2'],
] satisfies [ChaosEvent, string][])('%j is shown as a scenario has it', (event, text) => {
  expect(describeEvent(event)).toBe(text);
});
