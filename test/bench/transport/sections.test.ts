import { bestOf, type Cell } from '../../../src/bench/report.ts';
import { BARE, PLAIN_TCP, type Contender } from '../../../src/bench/transport/contenders.ts';
import { failedFigures, type ContenderFigures } from '../../../src/bench/transport/measurement.ts';
import { QUICK_PLAN } from '../../../src/bench/transport/plan.ts';
import { transportSections } from '../../../src/bench/transport/sections.ts';

const value = (median: number): Cell => ({ median, low: median, high: median, samples: [median] });
const contender = (subject: string, layer: string): Contender => ({ name: `${subject}, ${layer}`, subject, layer });

function figures(of: Contender, median: number): ContenderFigures {
  const cell = value(median);
  const sides = { giving: cell, taking: cell };
  return {
    contender: of,
    throughput: new Map(QUICK_PLAN.lengths.map((length) => [length, value(median * length)])),
    roundTrips: new Map([
      [1, cell],
      [64, cell],
    ]),
    setUp: cell,
    cpu: sides,
    memory: sides,
  };
}

const sections = transportSections([
  figures(PLAIN_TCP, 100),
  figures(contender('pigeon', BARE), 2),
  figures(contender('drum', BARE), 1),
  figures(contender('pigeon', 'rot13'), 1),
  failedFigures(contender('drum', 'rot13'), 'it tore', QUICK_PLAN),
]);

test('has a table of throughput for each layer, with every frame size', () => {
  const tables = sections.filter(({ group }) => group === 'Throughput');
  expect(tables.map(({ id }) => id)).toEqual(['throughput-bare', 'throughput-rot13']);
  for (const { rows } of tables) expect(rows.map(({ x }) => x)).toEqual(QUICK_PLAN.lengths);
});

test('has every subject in every row of every table, and plain TCP as what they are compared with', () => {
  expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
  for (const { subjects, rows, reference } of sections) {
    expect(subjects).toEqual([PLAIN_TCP.subject, 'pigeon', 'drum']);
    expect(reference).toBe(PLAIN_TCP.subject);
    for (const { cells } of rows) {
      expect(Object.keys(cells)).toEqual(subjects);
      expect(cells[PLAIN_TCP.subject]).toHaveProperty('median');
    }
  }
});

test('never names plain TCP the best: nothing it carries is protected', () => {
  const bare = sections.find(({ id }) => id === 'throughput-bare')!;
  expect(bare.rows.map((row) => bestOf(bare, row))).toEqual(bare.rows.map(() => 'pigeon'));
});

test('shows why a contender has no figures', () => {
  const sealed = sections.find(({ id }) => id === 'throughput-rot13')!;
  for (const { cells } of sealed.rows) expect(cells['drum']).toEqual({ failed: 'it tore' });
});
