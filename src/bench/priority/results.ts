import { measured, type Cell, type Row, type Section } from '../report.ts';
import { BEST, OPERATIONS, type Operation } from './lifetime.ts';
import type { SubjectProcess } from './subject-process.ts';
import type { SubjectSample } from './subject-role.ts';
import { INPUT_ORDERS, type InputOrder } from './workload.ts';

/** What came of one size and one order. */
export interface StageResult {
  readonly size: number;
  readonly order: InputOrder;
  /** By subject; those that failed or were left out have none. */
  readonly samples: ReadonlyMap<string, readonly SubjectSample[]>;
  /** For each subject, by operation, the seconds that kept one from being run. */
  readonly leftOut: ReadonlyMap<string, ReadonlyMap<Operation, number>>;
}

interface Quantity {
  readonly id: string;
  readonly group: string;
  readonly about: string;
  readonly unit: Section['unit'];
  /** The operation it is a time of; others come with `insert`. */
  readonly operation: Operation;
  valueOf(sample: SubjectSample): number | undefined;
}

const TIMES: { readonly [Name in Operation]: Pick<Quantity, 'group' | 'about'> & { readonly label: string } } = {
  insert: {
    group: 'Insert all',
    about: 'An empty set is filled, one neighbour after the other. The time of one insertion.',
    label: 'time per insertion',
  },
  best: {
    group: `Best ${BEST}`,
    about: `The first ${BEST} of the full set, as a node asks for whenever it chooses whom to talk to.`,
    label: `time per ${BEST} taken`,
  },
  iterate: {
    group: 'Iterate all',
    about: 'All of the full set, in order. The time of one entry.',
    label: 'time per entry',
  },
  rescore: {
    group: 'Re-score one',
    about: 'A neighbour drawn at random gets another score: one removal and one insertion.',
    label: 'time per change',
  },
  heartbeat: {
    group: 'Heartbeat of a live node',
    about: `A tenth of the neighbours is scored anew and the best ${BEST} are asked for three times; at every fourth, one leaves and one joins.`,
    label: 'time per heartbeat',
  },
  remove: {
    group: 'Remove all',
    about:
      'The set is emptied in random order, after all that came before; of more than 20,000, so many are removed. The time of one removal.',
    label: 'time per removal',
  },
};

const HEAP: Quantity = {
  id: 'bytes',
  group: 'Memory',
  about:
    'Live bytes for each entry of the full set, garbage collected before and after: nodes, arrays, entries and scores that the set keeps, not the ids, which the caller holds as well.',
  unit: { quantity: 'bytes', label: 'bytes per entry' },
  operation: 'insert',
  valueOf: ({ bytesPerEntry }) => bytesPerEntry,
};

/** The sections of a run: for each quantity one for each order of insertion. */
export function sectionsOf(
  subjects: readonly string[],
  reference: string,
  results: readonly StageResult[],
  failed: ReadonlyMap<string, string>,
): Section[] {
  return [...OPERATIONS.map(timeOf), HEAP, ...figuresIn(results)].flatMap((quantity) =>
    INPUT_ORDERS.map((order) => ({
      id: `${quantity.id}-${order}`,
      group: quantity.group,
      title: order === 'clustered' ? 'clustered scores' : `${order} order`,
      about: quantity.about,
      unit: quantity.unit,
      better: 'lower',
      subjects,
      reference,
      rowsAre: 'neighbours',
      rows: results
        .filter((result) => result.order === order)
        .map((result): Row => ({
          label: result.size.toLocaleString('en-US'),
          x: result.size,
          cells: Object.fromEntries(subjects.map((subject) => [subject, cellOf(subject, quantity, result, failed)])),
        })),
      chart: 'lines',
    })),
  );
}

function cellOf(subject: string, quantity: Quantity, result: StageResult, failed: ReadonlyMap<string, string>): Cell {
  const reason = failed.get(subject);
  if (reason !== undefined) return { failed: reason };
  const leftOut = result.leftOut.get(subject);
  const projectedSeconds = leftOut?.get(quantity.operation);
  if (projectedSeconds !== undefined) return { notRun: 'it would take too long', projectedSeconds };
  const samples = result.samples.get(subject);
  if (samples === undefined)
    return { notRun: 'filling the set would take too long', ...projectionOf(leftOut?.get('insert')) };
  const values = samples.map(quantity.valueOf).filter((value) => value !== undefined);
  return values.length > 0 ? measured(values) : { notRun: 'it tells nothing of it' };
}

function projectionOf(seconds: number | undefined) {
  return seconds === undefined ? {} : { projectedSeconds: seconds };
}

function timeOf(operation: Operation): Quantity {
  const { label, ...texts } = TIMES[operation];
  return {
    ...texts,
    id: operation,
    unit: { quantity: 'duration', label },
    operation,
    valueOf: ({ times }) => times[operation],
  };
}

/** What the plugins tell of their inside: a quantity for each name that any of them uses. */
function figuresIn(results: readonly StageResult[]): Quantity[] {
  const names = new Set<string>();
  for (const { samples } of results)
    for (const sample of [...samples.values()].flat()) for (const name of Object.keys(sample.figures)) names.add(name);
  return [...names].map((name) => ({
    id: name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    group: name.charAt(0).toUpperCase() + name.slice(1),
    about: `${name}, as the full set itself tells it. The references tell nothing.`,
    unit: { quantity: 'number', label: name },
    operation: 'insert',
    valueOf: ({ figures }) => figures[name],
  }));
}

/** What keeps operations of a stage from being run: the seconds they would take. */
export function leftOutOf(process: SubjectProcess, size: number, order: InputOrder): ReadonlyMap<Operation, number> {
  const projection = process.projectionOf(order);
  const tooLong = OPERATIONS.filter((operation) => projection.isTooLong(operation, size));
  return new Map(tooLong.map((operation) => [operation, projection.secondsOf(operation, size) ?? 0]));
}
