import { byteLabel } from '../byte-label.ts';
import { cellOf, type PhaseOutcomes } from '../phases.ts';
import type { Cell, Row, Section } from '../report.ts';
import { PLAIN_DATAGRAMS, PLAIN_TCP, type LinkContender } from './contenders.ts';
import { IN_FLIGHT, type Counted, type IdleCells, type LoopbackFigures } from './measure-loopback.ts';
import { FRAME_LENGTH, MESSAGE_LENGTH, type LoopbackPlan } from './plan.ts';

const PERCENT = 100;

/** What was found within this machine: one transfer, round trips, idle connections. */
export function loopbackSections(
  { transfer, exchanges, idle }: LoopbackFigures,
  { transferBytes, idleConnections }: LoopbackPlan,
  contenders: { readonly [Part in 'transfer' | 'exchange' | 'idle']: readonly LinkContender[] },
): readonly Section[] {
  const bytes = byteLabel(transferBytes);
  return [
    {
      id: 'loopback-transfer',
      group: 'Within this machine',
      title: bytes,
      about: `${bytes} in frames of ${byteLabel(FRAME_LENGTH)} over one connection between two processes, until the receiver has the last one.`,
      unit: { quantity: 'byteRate', label: 'bytes a second' },
      better: 'higher',
      chart: 'bars',
      rowsAre: 'direction',
      ...compared(contenders.transfer, PLAIN_TCP),
      rows: [
        rowOf(
          'one way',
          contenders.transfer,
          phaseCell(transfer, (rate) => rate * FRAME_LENGTH),
        ),
      ],
    },
    {
      id: 'loopback-round-trips',
      group: 'Round trips within this machine',
      title: '',
      about:
        `Messages of ${MESSAGE_LENGTH} bytes that another process sends back. ${PLAIN_DATAGRAMS.name} has no protocol at all: what Node.js and the ` +
        'system allow to whoever builds on datagrams.',
      unit: { quantity: 'rate', label: 'round trips a second' },
      better: 'higher',
      chart: 'bars',
      rowsAre: 'in flight',
      ...compared(contenders.exchange, PLAIN_DATAGRAMS),
      rows: IN_FLIGHT.map((inFlight) =>
        rowOf(
          String(inFlight),
          contenders.exchange,
          phaseCell(exchanges.get(inFlight), (rate) => rate),
        ),
      ),
    },
    idleSection(idle, contenders.idle, {
      id: 'idle-cpu',
      title: 'processor time',
      about:
        `${idleConnections.toLocaleString('en')} connections that nobody uses, at the process that accepted them: its share of one core, and what it ` +
        'holds for each in objects and buffers.',
      unit: { quantity: 'number', label: 'percent of one core' },
      figure: ({ cpu }) => scaled(cpu, PERCENT),
    }),
    idleSection(idle, contenders.idle, {
      id: 'idle-memory',
      title: 'memory',
      about: '',
      unit: { quantity: 'bytes', label: 'bytes for each' },
      figure: ({ memory }) => memory,
    }),
  ];
}

function idleSection(
  idle: LoopbackFigures['idle'],
  contenders: readonly LinkContender[],
  {
    figure,
    ...texts
  }: Pick<Section, 'id' | 'title' | 'about' | 'unit'> & { readonly figure: (cells: IdleCells) => Cell },
): Section {
  const cell = (name: string) => {
    const found = idle.get(name);
    return found === undefined ? NOT_RUN : figure(found);
  };
  return {
    group: 'Idle connections',
    better: 'lower',
    chart: 'bars',
    rowsAre: 'moment',
    subjects: contenders.map(({ name }) => name),
    rows: [rowOf('idle', contenders, cell)],
    ...texts,
  };
}

const NOT_RUN: Cell = { notRun: 'not part of this run' };

/** The subjects, and the one that is a bound and no candidate. */
function compared(
  contenders: readonly LinkContender[],
  { name: reference }: LinkContender,
): Pick<Section, 'subjects' | 'reference' | 'referenceIsBound'> {
  return { subjects: contenders.map(({ name }) => name), reference, referenceIsBound: true };
}

function rowOf(label: string, contenders: readonly LinkContender[], cell: (name: string) => Cell): Row {
  return { label, cells: Object.fromEntries(contenders.map(({ name }) => [name, cell(name)])) };
}

function phaseCell(
  outcomes: PhaseOutcomes<Counted> | undefined,
  figure: (perSecond: number) => number,
): (name: string) => Cell {
  return (name) => cellOf(outcomes?.get(name), ({ count, seconds }) => figure(count / seconds));
}

function scaled(cell: Cell, factor: number): Cell {
  if (!('median' in cell)) return cell;
  const { median, low, high, samples } = cell;
  return {
    median: median * factor,
    low: low * factor,
    high: high * factor,
    samples: samples.map((sample) => sample * factor),
  };
}
