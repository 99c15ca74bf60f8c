import { PLAIN_DATAGRAMS, PLAIN_TCP } from '../../../src/bench/link/contenders.ts';
import { honestyNotes, linkSections } from '../../../src/bench/link/link-sections.ts';
import { loopbackSections } from '../../../src/bench/link/loopback-sections.ts';
import type { LinkOutcomes } from '../../../src/bench/link/measure-links.ts';
import { QUICK_PLAN } from '../../../src/bench/link/plan.ts';
import { withRatios } from '../../../src/bench/report.ts';

const MEGABIT = 1e6 / 8;
const HONEST = { delivered: 10_000, unread: 0, late: 10, latestMs: 1.5 };
const sample = (megabits: readonly number[], honesty = HONEST) => ({
  rates: megabits.map((each) => each * MEGABIT),
  honesty,
});
const [shape] = QUICK_PLAN.links;
const outcomes = (
  entries: Record<string, LinkOutcomes['outcomes'] extends ReadonlyMap<string, infer One> ? One : never>,
) => ({
  shape: shape!,
  outcomes: new Map(Object.entries(entries)),
});

const figures = {
  alone: [
    outcomes({
      'plain TCP, bbr': { samples: [sample([80]), sample([90])] },
      'pigeon, fast': { samples: [sample([40]), sample([45])] },
      'drum, slow': { failed: 'it tore' },
    }),
  ],
  together: outcomes({
    'pigeon, fast beside plain TCP, bbr': {
      samples: [sample([60, 20]), sample([20, 60], { ...HONEST, late: 500, unread: 2 })],
    },
  }),
};

test('speed is in Mbit/s and a multiple of TCP under BBR; who failed is shown with the reason', () => {
  const speed = withRatios(linkSections(figures).find(({ id }) => id === 'over-links')!);
  expect(speed.rows[0]?.cells).toMatchObject({
    'plain TCP, bbr': { median: 85, low: 82.5, high: 87.5, ratio: 1 },
    'pigeon, fast': { median: 42.5, ratio: 0.5 },
    'drum, slow': { failed: 'it tore' },
  });
});

test('of two flows the share of the first and the sum are told', () => {
  const sections = linkSections(figures);
  const cell = (id: string) => Object.values(sections.find((each) => each.id === id)!.rows[0]!.cells)[0];
  expect(cell('shared-links')).toMatchObject({ median: 50, samples: [75, 25] });
  expect(cell('shared-links-sum')).toMatchObject({ samples: [80, 80] });
});

test('what the emulator says of itself is shown for each link, over all runs', () => {
  const sections = linkSections(figures);
  const rows = (id: string) => sections.find((each) => each.id === id)!.rows;
  expect(rows('emulator-late').map(({ label }) => label)).toEqual([shape!.label, 'two flows']);
  expect(rows('emulator-late')[0]?.cells['the emulator']).toMatchObject({ samples: [0.1, 0.1, 0.1, 0.1] });
  expect(rows('emulator-unread')[1]?.cells['the emulator']).toMatchObject({ samples: [0, 2] });
});

test('a run in which the emulator was not honest is named', () => {
  expect(honestyNotes(figures)).toEqual([
    expect.stringMatching(
      /^Of 6 runs .*: pigeon, fast beside plain TCP, bbr over .* \(1 of 2: up to 5\.0 % late, 2 unread\)\.$/,
    ),
  ]);
  expect(honestyNotes({ ...figures, together: outcomes({}) })).toEqual([]);
});

test('figures within this machine have a row for each quantity, and the bound that they refer to', () => {
  const own = { name: 'pigeon, fast', kind: 'transport', plugin: 0 } as const;
  const contenders = { transfer: [PLAIN_TCP, own], exchange: [PLAIN_DATAGRAMS, own], idle: [own] };
  const found = { samples: [{ seconds: 2, count: 8 }], count: 8 };
  const sections = loopbackSections(
    {
      transfer: new Map([[own.name, found]]),
      exchanges: new Map([[64, new Map([[PLAIN_DATAGRAMS.name, found]])]]),
      idle: new Map([
        [own.name, { cpu: { median: 0.01, low: 0, high: 0.02, samples: [0.01] }, memory: { notRun: 'x' } }],
      ]),
    },
    QUICK_PLAN.loopback,
    contenders,
  );
  const byId = new Map(sections.map((section) => [section.id, section]));
  expect(byId.get('loopback-transfer')).toMatchObject({ reference: PLAIN_TCP.name, title: '64 MiB' });
  expect(byId.get('loopback-transfer')?.rows[0]?.cells[own.name]).toMatchObject({ median: 4 * 64 * 1_024 });
  expect(byId.get('loopback-round-trips')?.rows.map(({ label }) => label)).toEqual(['1', '64']);
  expect(byId.get('loopback-round-trips')?.rows[1]?.cells[PLAIN_DATAGRAMS.name]).toMatchObject({ median: 4 });
  expect(byId.get('loopback-round-trips')?.rows[0]?.cells[own.name]).toEqual({ notRun: 'not part of this run' });
  expect(byId.get('idle-cpu')?.rows[0]?.cells[own.name]).toMatchObject({ median: 1, samples: [1] });
  expect(byId.get('idle-memory')?.rows[0]?.cells[own.name]).toEqual({ notRun: 'x' });
});
