import type { SampleOutcome } from '../interleave.ts';
import { measured, type Cell, type Row, type Section } from '../report.ts';
import { SYSTEM_TCP } from './contenders.ts';
import { isHonest, lateShare, type Honesty } from './honesty.ts';
import type { LinkOutcomes, LinkSample } from './measure-links.ts';

/** All that was found over links. */
export interface LinkFigures {
  /** A flow by itself, by link. */
  readonly alone: readonly LinkOutcomes[];
  /** Two flows on one link, by pair. */
  readonly together: LinkOutcomes;
}

const PERCENT = 100;
const MEGABIT = 1e6 / 8;
/** The one subject of a section that compares nothing. */
const FIRST = 'the one named first';
const BOTH = 'both together';
const EMULATOR = 'the emulator';

/** Speed over links, how two flows share one, and how far the emulator is to be trusted. */
export function linkSections({ alone, together }: LinkFigures): readonly Section[] {
  return [speedSection(alone), ...sharingSections(together), ...honestySections([...alone, together])];
}

/** A sentence on the runs in which the emulator was not what it was asked to be; nothing where it always was. */
export function honestyNotes({ alone, together }: LinkFigures): readonly string[] {
  const doubtful: string[] = [];
  let runs = 0;
  for (const { shape, outcomes } of [...alone, together]) {
    for (const [name, outcome] of outcomes) {
      const samples = samplesOf(outcome);
      runs += samples.length;
      const bad = samples.filter(({ honesty }) => !isHonest(honesty));
      if (bad.length > 0) doubtful.push(`${name} over ${shape.label} (${describe(bad, samples.length)})`);
    }
  }
  if (doubtful.length === 0) return [];
  return [
    `Of ${runs} runs over links, some are not to be relied on, since the emulator was late with more than 1 % of its packets or had some ` +
      `dropped unread: ${doubtful.join('; ')}.`,
  ];
}

function describe(bad: readonly LinkSample[], of: number): string {
  const late = Math.max(...bad.map(({ honesty }) => lateShare(honesty))) * PERCENT;
  const unread = Math.max(...bad.map(({ honesty }) => honesty.unread));
  return `${bad.length} of ${of}: up to ${late.toFixed(1)} % late, ${unread} unread`;
}

function speedSection(alone: readonly LinkOutcomes[]): Section {
  return {
    id: 'over-links',
    group: 'Over links',
    title: 'one flow',
    about:
      'Frames in one direction over an emulated link, counted by the receiver from the first on, the start of the connection included.',
    unit: { quantity: 'number', label: 'Mbit/s of frames' },
    better: 'higher',
    chart: 'bars',
    rowsAre: 'link',
    subjects: [...(alone[0]?.outcomes.keys() ?? [])],
    reference: SYSTEM_TCP[0]?.name,
    rows: alone.map(({ shape, outcomes }) => row(shape.label, outcomes, ({ rates }) => sum(rates) / MEGABIT)),
  };
}

/** The pairs are the rows; the second flow has what the first has not. */
function sharingSections({ outcomes, shape }: LinkOutcomes): readonly Section[] {
  const section = { better: 'higher', chart: 'bars', rowsAre: 'flows' } as const;
  const rows = (subject: string, figure: (sample: LinkSample) => number): readonly Row[] =>
    [...outcomes].map(([name, outcome]) => ({ label: name, cells: { [subject]: cellOf(outcome, figure) } }));
  return [
    {
      ...section,
      id: 'shared-links',
      group: 'Two flows on one link',
      title: 'who gets what',
      about:
        `Two flows that begin together over the link of ${shape.label}, whose queue holds one product of bandwidth and round-trip time: what the one ` +
        'named first has of all that arrived once both have run for a while. Half is even.',
      unit: { quantity: 'number', label: 'percent of the sum' },
      subjects: [FIRST],
      rows: rows(FIRST, ({ rates }) => ((rates[0] ?? 0) / sum(rates)) * PERCENT),
    },
    {
      ...section,
      id: 'shared-links-sum',
      group: 'Two flows on one link',
      title: 'the sum',
      about: 'What both moved together in that time.',
      unit: { quantity: 'number', label: 'Mbit/s of frames' },
      subjects: [BOTH],
      rows: rows(BOTH, ({ rates }) => sum(rates) / MEGABIT),
    },
  ];
}

function honestySections(links: readonly LinkOutcomes[]): readonly Section[] {
  const section = { better: 'lower', chart: 'bars', rowsAre: 'link', subjects: [EMULATOR] } as const;
  const labels = links.map(({ shape }, index) => (index === links.length - 1 ? 'two flows' : shape.label));
  const rows = (figure: (honesty: Honesty) => number): readonly Row[] =>
    links.map(({ outcomes }, index) => {
      const samples = [...outcomes.values()].flatMap(samplesOf);
      const cell = measured(samples.map(({ honesty }) => figure(honesty)));
      return { label: labels[index] ?? '', cells: { [EMULATOR]: cell } };
    });
  return [
    {
      ...section,
      id: 'emulator-late',
      group: 'The emulator',
      title: 'late packets',
      about:
        'What the emulator says of itself, over all runs of a link: how many packets it delivered more than 1 ms late, and how many the system ' +
        'dropped before it read them. Runs with more than 1 % or any of these are named above.',
      unit: { quantity: 'number', label: 'percent of its packets' },
      rows: rows((honesty) => lateShare(honesty) * PERCENT),
    },
    {
      ...section,
      id: 'emulator-unread',
      group: 'The emulator',
      title: 'packets dropped unread',
      about: '',
      unit: { quantity: 'number', label: 'packets in a run' },
      rows: rows(({ unread }) => unread),
    },
  ];
}

function row(label: string, outcomes: LinkOutcomes['outcomes'], figure: (sample: LinkSample) => number): Row {
  const cells = [...outcomes].map(([name, outcome]) => [name, cellOf(outcome, figure)]);
  return { label, cells: Object.fromEntries(cells) as Row['cells'] };
}

function cellOf(outcome: SampleOutcome<LinkSample>, figure: (sample: LinkSample) => number): Cell {
  return 'failed' in outcome ? outcome : measured(outcome.samples.map(figure));
}

function samplesOf(outcome: SampleOutcome<LinkSample>): readonly LinkSample[] {
  return 'failed' in outcome ? [] : outcome.samples;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}
