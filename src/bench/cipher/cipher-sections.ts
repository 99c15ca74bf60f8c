import { byteLabel } from '../byte-label.ts';
import { cellOf, type PhaseOutcomes } from '../phases.ts';
import { measured, type Cell, type Row, type Section } from '../report.ts';
import type { CipherTraits } from './cipher-role.ts';

/** Both things that a cipher does. */
export const DIRECTIONS = [
  { ask: 'seal', doing: 'sealed', title: 'Seal' },
  { ask: 'open', doing: 'opened', title: 'Open' },
] as const;

export type Direction = (typeof DIRECTIONS)[number];

/** One sample: how long so many records took. */
export interface Counted {
  readonly seconds: number;
  readonly records: number;
}

/** A cipher, as the tables name it. */
export interface CipherFacts {
  readonly name: string;
  readonly traits: CipherTraits;
}

/**
 * Bytes a second and time a record for both directions, by bytes in a record; then what each cipher adds to a record. One that protects
 * nothing shows what the contract alone costs: it is a bound, and never the best.
 */
export function cipherSections(
  ciphers: readonly CipherFacts[],
  outcomes: ReadonlyMap<Direction, ReadonlyMap<number, PhaseOutcomes<Counted>>>,
): readonly Section[] {
  const head = {
    subjects: ciphers.map(({ name }) => name),
    bounds: ciphers.filter(({ traits }) => !traits.authenticated).map(({ name }) => name),
  };
  const sections = [...outcomes].flatMap(([direction, byLength]): Section[] => {
    const { ask, doing, title } = direction;
    const rowsOf = (figure: (sample: Counted, length: number) => number): readonly Row[] =>
      [...byLength].map(([length, byName]) => ({
        label: byteLabel(length),
        x: length,
        cells: cells(head.subjects, (name) => cellOf(byName.get(name), (sample) => figure(sample, length))),
      }));
    const shared = { group: title, chart: 'lines', rowsAre: 'bytes in a plaintext', ...head } as const;
    return [
      {
        ...shared,
        id: `${ask}-rate`,
        title: 'bytes a second',
        about: `Bytes of plaintext ${doing} in a second, on one thread.`,
        unit: { quantity: 'byteRate', label: 'bytes a second' },
        better: 'higher',
        rows: rowsOf(({ seconds, records }, length) => (records * length) / seconds),
      },
      {
        ...shared,
        id: `${ask}-time`,
        title: 'time a record',
        about: `The same samples, as the time that one record takes to be ${doing}.`,
        unit: { quantity: 'duration', label: `time until a record is ${doing}` },
        better: 'lower',
        rows: rowsOf(({ seconds, records }) => seconds / records),
      },
    ];
  });
  return [...sections, overheadSection(ciphers, head)];
}

function overheadSection(ciphers: readonly CipherFacts[], head: Pick<Section, 'subjects' | 'bounds'>): Section {
  return {
    id: 'overhead',
    group: 'Overhead',
    title: '',
    about: 'Bytes that a record is longer than its plaintext. The session adds one more to say what the record holds.',
    unit: { quantity: 'bytes', label: 'bytes added to a record' },
    better: 'lower',
    chart: 'bars',
    rowsAre: 'length',
    ...head,
    rows: [
      {
        label: 'every record',
        cells: cells(head.subjects, (name) =>
          measured(ciphers.filter((each) => each.name === name).map(({ traits }) => traits.overhead)),
        ),
      },
    ],
  };
}

function cells(subjects: readonly string[], cell: (name: string) => Cell): Row['cells'] {
  return Object.fromEntries(subjects.map((name) => [name, cell(name)]));
}
