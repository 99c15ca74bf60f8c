import { footprintSections } from '../../../src/bench/footprint/footprint-sections.ts';
import { bestOf, isMeasured } from '../../../src/bench/report.ts';

const idle = (cpu: number, memoryBytes: number) => ({ samples: [{ cpu, memoryBytes }] });

const sections = footprintSections({
  reference: 'nothing',
  profiles: ['small', 'large', 'torn'],
  connections: [0, 4],
  starts: new Map([
    ['nothing', { samples: [0.1] }],
    ['small', { samples: [0.4, 0.5, 0.6] }],
    ['large', { samples: [0.7] }],
    ['torn', { failed: 'it tore' }],
  ]),
  watched: new Map(
    [0, 4].map((count) => [
      count,
      new Map([
        ['nothing', idle(0, 40)],
        ['small', idle(0.01 + count / 100, 60 + count)],
        ['large', idle(0.02 + count / 100, 80 + count)],
      ]),
    ]),
  ),
});
const section = (id: string) => sections.find((each) => each.id === id)!;

test('shows start times of every profile and of a process that does nothing, which is never the best', () => {
  const start = section('start');
  expect(start.rows[0]!.cells['small']).toMatchObject({ median: 0.5 });
  expect(start.rows.map((row) => bestOf(start, row))).toEqual(['small']);
});

test('shows processor time in percent of a core, and memory, for each number of connections', () => {
  expect(section('idle-cpu').rows.map(({ label, cells }) => [label, cells['large']])).toEqual([
    ['0', expect.objectContaining({ median: 2 })],
    ['4', expect.objectContaining({ median: 6 })],
  ]);
  expect(section('memory').rows.map(({ cells }) => isMeasured(cells['nothing']))).toEqual([true, true]);
});

test('says why a profile has no figures', () => {
  expect(section('start').rows[0]!.cells['torn']).toEqual({ failed: 'it tore' });
  for (const { cells } of section('memory').rows) expect(cells['torn']).toHaveProperty('failed');
});
