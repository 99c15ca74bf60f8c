import type { SampleOutcome } from '../interleave.ts';
import { measured, type Cell, type Row, type Section } from '../report.ts';
import type { IdleOutcomes } from './watch-idle.ts';
import type { IdleFigures } from './watched-process.ts';

/** All that a run found. */
export interface FootprintFigures {
  /** What a process that does nothing is called. */
  readonly reference: string;
  readonly profiles: readonly string[];
  readonly connections: readonly number[];
  /** Seconds until ready. */
  readonly starts: ReadonlyMap<string, SampleOutcome<number>>;
  readonly watched: IdleOutcomes;
}

const PERCENT = 100;

/** Start time, then processor time and memory of the idle node by its connections. */
export function footprintSections(figures: FootprintFigures): readonly Section[] {
  const { reference, profiles, connections, starts, watched } = figures;
  const subjects = [reference, ...profiles];
  const shared = { better: 'lower', chart: 'bars' } as const;
  const compared = { subjects, reference, referenceIsBound: true } as const;
  const idleRows = (names: readonly string[], figure: (sample: IdleFigures) => number): readonly Row[] =>
    connections.map((count) => ({
      label: String(count),
      cells: cells(names, (name) => cellOf(watched.get(count)?.get(name), figure)),
    }));
  return [
    {
      ...shared,
      ...compared,
      id: 'start',
      group: 'Start',
      title: '',
      about: 'From the making of the process until the node says that it is ready, in an empty folder.',
      unit: { quantity: 'duration', label: 'time until ready' },
      rowsAre: 'moment',
      rows: [{ label: 'ready', cells: cells(subjects, (name) => cellOf(starts.get(name), (seconds) => seconds)) }],
    },
    {
      ...shared,
      // As a multiple of next to nothing it would say nothing.
      subjects: profiles,
      id: 'idle-cpu',
      group: 'Idle processor time',
      title: '',
      about:
        'Share of one core that a node takes of which nobody wants anything, in percent, by its direct connections.',
      unit: { quantity: 'number', label: 'percent of one core' },
      rowsAre: 'direct connections',
      rows: idleRows(profiles, ({ cpu }) => cpu * PERCENT),
    },
    {
      ...shared,
      ...compared,
      id: 'memory',
      group: 'Memory',
      title: '',
      about:
        'Memory in RAM of the same processes at the end of each sample, Node.js itself and shared libraries included.',
      unit: { quantity: 'bytes', label: 'memory in RAM' },
      rowsAre: 'direct connections',
      rows: idleRows(subjects, ({ memoryBytes }) => memoryBytes),
    },
  ];
}

function cellOf<Sample>(outcome: SampleOutcome<Sample> | undefined, figure: (sample: Sample) => number): Cell {
  if (outcome === undefined) return { failed: 'the node did not start' };
  return 'failed' in outcome ? outcome : measured(outcome.samples.map(figure));
}

function cells(subjects: readonly string[], cell: (name: string) => Cell): Row['cells'] {
  return Object.fromEntries(subjects.map((name) => [name, cell(name)]));
}
