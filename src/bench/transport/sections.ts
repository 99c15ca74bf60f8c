import { byteLabel } from '../byte-label.ts';
import type { Cell, Row, Section } from '../report.ts';
import { BARE, PLAIN_TCP } from './contenders.ts';
import type { ContenderFigures } from './measurement.ts';
import { IN_FLIGHT, MESSAGE_LENGTH, PIECE_LENGTH } from './plan.ts';

/** The tables of a run: throughput by bytes in a frame, one for each layer; everything else with a row for each layer. */
export function transportSections(figures: readonly ContenderFigures[]): readonly Section[] {
  const table = new FigureTable(figures);
  return [
    ...table.layers.map((layer) => throughputSection(table, layer)),
    ...IN_FLIGHT.map((inFlight) => roundTripSection(table, inFlight)),
    setUpSection(table),
    ...cpuSections(table),
    ...memorySections(table),
  ];
}

function throughputSection(table: FigureTable, layer: string): Section {
  return {
    id: `throughput-${slug(layer)}`,
    group: 'Throughput',
    title: titleOf(layer),
    about:
      'Frames in one direction over one connection, each sent as soon as the transport takes it, until the receiver has the last one and ' +
      'has found every one as it was sent.',
    unit: { quantity: 'byteRate', label: 'bytes a second' },
    better: 'higher',
    chart: 'lines',
    rowsAre: 'bytes in a frame',
    ...table.head,
    rows: table.lengths.map((length) =>
      table.row(layer, ({ throughput }) => throughput.get(length), { label: byteLabel(length), x: length }),
    ),
  };
}

function roundTripSection(table: FigureTable, inFlight: number): Section {
  return {
    id: `round-trips-${inFlight}`,
    group: 'Round trips',
    title: `${inFlight} in flight`,
    about: `Frames of ${MESSAGE_LENGTH} bytes that the other end sends back, up to ${inFlight} of them under way at once.`,
    unit: { quantity: 'rate', label: 'round trips a second' },
    better: 'higher',
    ...table.byLayer(({ roundTrips }) => roundTrips.get(inFlight)),
  };
}

function setUpSection(table: FigureTable): Section {
  return {
    id: 'set-up',
    group: 'Connection set-up',
    title: '',
    about:
      'From the dial until the first frame over the new connection was back, handshake included: the median of many connections, one after ' +
      'the other.',
    unit: { quantity: 'duration', label: 'time until the first answer' },
    better: 'lower',
    ...table.byLayer(({ setUp }) => setUp),
  };
}

function cpuSections(table: FigureTable): readonly Section[] {
  return SIDES.map(({ side, doing }) => ({
    id: `cpu-${doing}`,
    group: 'Processor time',
    title: `of the ${doing} process`,
    about: `Processor time of the ${doing} process, the system's included, for 1 GiB in frames of ${byteLabel(PIECE_LENGTH)}.`,
    unit: { quantity: 'duration', label: 'CPU seconds per GiB' },
    better: 'lower',
    ...table.byLayer(({ cpu }) => cpu[side]),
  }));
}

function memorySections(table: FigureTable): readonly Section[] {
  return SIDES.map(({ side, doing }) => ({
    id: `memory-${doing}`,
    group: 'Memory',
    title: `of the ${doing} process`,
    about: `Most memory in RAM that the ${doing} process had at once in all of the run, Node.js itself included.`,
    unit: { quantity: 'bytes', label: 'peak memory' },
    better: 'lower',
    ...table.byLayer(({ memory }) => memory[side]),
  }));
}

const SIDES = [
  { side: 'giving', doing: 'sending' },
  { side: 'taking', doing: 'receiving' },
] as const;

type Figure = (figures: ContenderFigures) => Cell | undefined;

/** Figures by layer and transport. The plain socket has no layers, and stands in every row as what the others are compared with. */
class FigureTable {
  readonly layers: readonly string[];
  readonly lengths: readonly number[];
  readonly head: Pick<Section, 'subjects' | 'reference' | 'referenceIsBound'>;
  readonly #figures: readonly ContenderFigures[];

  constructor(figures: readonly ContenderFigures[]) {
    this.#figures = figures;
    this.layers = distinct(figures.map(({ contender }) => contender.layer));
    this.lengths = distinct(figures.flatMap(({ throughput }) => [...throughput.keys()]));
    this.head = {
      subjects: distinct(figures.map(({ contender }) => contender.subject)),
      reference: PLAIN_TCP.subject,
      referenceIsBound: true,
    };
  }

  row(layer: string, figure: Figure, place: Omit<Row, 'cells'>): Row {
    const cells = this.head.subjects.map((subject) => [subject, this.#cell(subject, layer, figure)]);
    return { ...place, cells: Object.fromEntries(cells) as Row['cells'] };
  }

  /** Bars, with a row for each layer. */
  byLayer(figure: Figure): Pick<Section, 'subjects' | 'reference' | 'referenceIsBound' | 'rows' | 'rowsAre' | 'chart'> {
    const rows = this.layers.map((layer) => this.row(layer, figure, { label: layer }));
    return { ...this.head, rowsAre: 'layer', chart: 'bars', rows };
  }

  #cell(subject: string, layer: string, figure: Figure): Cell {
    const wanted = subject === PLAIN_TCP.subject ? PLAIN_TCP.layer : layer;
    const found = this.#figures.find(({ contender }) => contender.subject === subject && contender.layer === wanted);
    return (found && figure(found)) ?? { notRun: 'not part of this run' };
  }
}

function titleOf(layer: string): string {
  return layer === BARE ? 'bare transports' : `sessions with ${layer}`;
}

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
