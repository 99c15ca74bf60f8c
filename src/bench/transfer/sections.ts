import { byteLabel } from '../byte-label.ts';
import type { SampleOutcome } from '../interleave.ts';
import { measured, type Cell, type Row, type Section } from '../report.ts';
import { configProfiles, movingProfiles, type ComparedProfiles } from './compared-profiles.ts';
import { LIMITS } from './measure-large.ts';
import { SOURCES_CONDITIONS } from './measure-sources.ts';
import type { Move, MoveOutcomes } from './mover.ts';
import type { TransferPlan } from './plan.ts';

/** All that a run found. */
export interface TransferFigures {
  readonly profiles: ComparedProfiles;
  /** By profile, and by the forms of the limit program. */
  readonly large: MoveOutcomes;
  /** By profile. */
  readonly folder: MoveOutcomes;
  /** By condition. */
  readonly sources: MoveOutcomes;
  /** Bytes fetched after a change, with the first profile. */
  readonly change: SampleOutcome<number>;
}

const BYTE_RATE = { quantity: 'byteRate', label: 'bytes a second' } as const;
const MEGABYTE = 1_000_000;
/** What was changed, where it stands beside what was fetched for it. */
const CHANGED = 'what was changed';

/** One large file, a folder, several sources, a change, and the memory of the first. */
export function transferSections(figures: TransferFigures, plan: TransferPlan): readonly Section[] {
  return [
    ...largeSections(figures, plan),
    ...folderSections(figures, plan),
    ...sourcesSections(figures, plan),
    changeSection(figures, plan),
    memorySection(figures, plan),
  ];
}

function largeSections({ profiles, large }: TransferFigures, { large: plan }: TransferPlan): readonly Section[] {
  const names = movingProfiles(profiles).map(({ name }) => name);
  const label = byteLabel(plan.bytes);
  const beside = (reference: string): Omit<Section, 'id' | 'title' | 'about'> => ({
    group: 'One large file',
    unit: BYTE_RATE,
    better: 'higher',
    chart: 'bars',
    subjects: [reference, ...names],
    reference,
    referenceIsBound: true,
    rowsAre: 'file',
    rows: [rowOf(label, [reference, ...names], (name) => cellOf(large.get(name), rateOf(plan.bytes)))],
  });
  return [
    {
      id: 'large-limit',
      title: 'beside the limit program',
      about:
        'From the command until the file is durable, from one source. The limit program does the same with TLS of Node.js (AES-256-GCM) and BLAKE3, and ' +
        'nothing else.',
      ...beside(LIMITS.sealed),
    },
    {
      id: 'large-plain',
      title: 'beside plain TCP',
      about:
        'The same samples. Plain TCP reads the file, sends it and writes it, without encryption and without a hash.',
      ...beside(LIMITS.plain),
    },
  ];
}

function folderSections({ profiles, folder }: TransferFigures, { folder: plan }: TransferPlan): readonly Section[] {
  const subjects = configProfiles(profiles).map(({ name }) => name);
  const shared = {
    group: 'A folder of small files',
    better: 'higher',
    chart: 'bars',
    subjects,
    rowsAre: 'files',
  } as const;
  const label = `${plan.files.toLocaleString('en-US')} of ${byteLabel(plan.fileBytes)}`;
  const rows = (amount: number) => [rowOf(label, subjects, (name) => cellOf(folder.get(name), rateOf(amount)))];
  return [
    {
      ...shared,
      id: 'folder-files',
      title: 'files',
      about: 'One GET of the folder, from one source, until the last file is durable.',
      unit: { quantity: 'rate', label: 'files a second' },
      rows: rows(plan.files),
    },
    {
      ...shared,
      id: 'folder-bytes',
      title: 'bytes',
      about: 'The same samples.',
      unit: BYTE_RATE,
      rows: rows(plan.files * plan.fileBytes),
    },
  ];
}

function sourcesSections({ profiles, sources }: TransferFigures, { sources: plan }: TransferPlan): readonly Section[] {
  const label = `${byteLabel(plan.bytes)}, ${plan.rate / MEGABYTE} MB/s each`;
  const names = SOURCES_CONDITIONS.map(({ name }) => name);
  const [frozen] = SOURCES_CONDITIONS.filter(({ freezes }) => freezes);
  const [spared] = SOURCES_CONDITIONS.filter(({ sources: count }) => count + 1 === frozen?.sources);
  const pair = [spared, frozen].filter((each) => each !== undefined).map(({ name }) => name);
  return [
    {
      id: 'sources-rate',
      group: 'Several sources',
      title: 'beside one',
      about: `One file by the profile ${profiles.first.name}, from sources that bound what they send. As a multiple of one source, several are to come near their number.`,
      unit: BYTE_RATE,
      better: 'higher',
      chart: 'bars',
      subjects: names,
      reference: names[0],
      referenceIsBound: true,
      rowsAre: 'file',
      rows: [rowOf(label, names, (name) => cellOf(sources.get(name), rateOf(plan.bytes)))],
    },
    {
      id: 'sources-frozen',
      group: 'Several sources',
      title: 'one frozen half way',
      about:
        'The same samples: what it costs that a source stops in the middle without a word, beside having been one fewer from the start.',
      unit: { quantity: 'duration', label: 'time' },
      better: 'lower',
      chart: 'bars',
      subjects: pair,
      reference: spared?.name,
      referenceIsBound: true,
      rowsAre: 'file',
      rows: [rowOf(label, pair, (name) => cellOf(sources.get(name), ({ seconds }) => seconds))],
    },
  ];
}

function changeSection({ profiles, change }: TransferFigures, { change: plan }: TransferPlan): Section {
  const { name } = profiles.first;
  const cells: Readonly<Record<string, Cell>> = {
    [CHANGED]: measured([plan.changedBytes]),
    [name]: cellOf(change, (bytes) => bytes),
  };
  return {
    id: 'change',
    group: 'A changed file',
    title: '',
    about:
      'Bytes of pieces that are fetched by who has the version before, when a part in the middle was written anew. The manifest, which comes too, is not counted.',
    unit: { quantity: 'bytes', label: 'bytes fetched' },
    better: 'lower',
    chart: 'bars',
    subjects: [CHANGED, name],
    reference: CHANGED,
    referenceIsBound: true,
    rowsAre: 'change',
    rows: [{ label: `${byteLabel(plan.changedBytes)} of ${byteLabel(plan.bytes)}`, cells }],
  };
}

function memorySection({ profiles, large }: TransferFigures, { large: plan }: TransferPlan): Section {
  const subjects = [LIMITS.sealed, LIMITS.plain, ...movingProfiles(profiles).map(({ name }) => name)];
  const row = (label: string, end: (move: Move) => number | undefined) =>
    rowOf(label, subjects, (name) => memoryCell(large.get(name), end));
  return {
    id: 'memory',
    group: 'Memory',
    title: '',
    about: `Most memory in RAM of either process until ${byteLabel(plan.bytes)} had moved, its start and, at the sender, hashing included.`,
    unit: { quantity: 'bytes', label: 'memory in RAM' },
    better: 'lower',
    chart: 'bars',
    subjects,
    rowsAre: 'end',
    rows: [row('sender', ({ sender }) => sender), row('receiver', ({ receiver }) => receiver)],
  };
}

function rateOf(amount: number): (move: Move) => number {
  return ({ seconds }) => amount / seconds;
}

function cellOf<Sample>(outcome: SampleOutcome<Sample> | undefined, figure: (sample: Sample) => number): Cell {
  if (outcome === undefined) return { notRun: 'not part of this run' };
  return 'failed' in outcome ? outcome : measured(outcome.samples.map(figure));
}

function memoryCell(outcome: SampleOutcome<Move> | undefined, end: (move: Move) => number | undefined): Cell {
  if (outcome === undefined || 'failed' in outcome) return cellOf(outcome, () => 0);
  const known = outcome.samples.map(end).filter((bytes) => bytes !== undefined);
  return known.length > 0 ? measured(known) : { notRun: 'this system does not tell it of another process' };
}

function rowOf(label: string, subjects: readonly string[], cell: (name: string) => Cell): Row {
  return { label, cells: Object.fromEntries(subjects.map((name) => [name, cell(name)])) };
}
