import type { Bench, BenchContext } from '../bench.ts';
import type { BenchResult, Section } from '../report.ts';
import { StagedProgress } from '../staged-progress.ts';
import { checkEmulator } from './check-emulator.ts';
import {
  onePerTransport,
  ownCongestion,
  PLAIN_DATAGRAMS,
  PLAIN_TCP,
  SYSTEM_TCP,
  udxWhereInstalled,
} from './contenders.ts';
import { flowEndRole } from './flow-end-role.ts';
import { honestyNotes, linkSections, type LinkFigures } from './link-sections.ts';
import { loopbackEndRole } from './loopback-end-role.ts';
import { loopbackSections } from './loopback-sections.ts';
import { alone, LinkMeter, pairs, stageOf, type FlowGroup, type LinkOutcomes } from './measure-links.ts';
import { loopbackStages, measureLoopback } from './measure-loopback.ts';
import { FULL_PLAN, QUICK_PLAN, type LinkPlan } from './plan.ts';

/** Transports that share a path by rules of their own, against the system's TCP: over emulated links, and within this machine. */
export const link: Bench = {
  name: 'link',
  about: 'transports over links that are slow and lose packets, and within this machine, with TCP',
  kinds: ['transport'],
  workers: { flow: flowEndRole, loopback: loopbackEndRole },
  run: (context) => compareOverLinks(context, context.quick ? QUICK_PLAN : FULL_PLAN),
};

const METHOD: readonly string[] = [
  'Compared are transports that share a path by rules of their own, once under each congestion control that they offer, and plain TCP: a socket of ' +
    'node:net with a four-byte length before each frame and nothing else, under the congestion control that the row says, chosen by the route ' +
    'and confirmed with ss. Nothing is encrypted. All send the same frames from the same program.',
  'A link is made for every sample by the emulator that the user named, between two network namespaces, with a process at each end. Each process ' +
    'first sends to itself for a moment, so that its code is compiled. Subjects take turns in an order drawn anew for each round; in one round ' +
    'the packets of all have the same fate.',
  'The receiver compares every frame, byte for byte and number for number, with what was to come, and counts. Figures over links are frames ' +
    'that arrived, without any header; a link of 100 Mbit/s of IP packets of 1,500 bytes carries 96.5 Mbit/s by TCP.',
  'Within this machine two processes are at the two ends of the loopback address. How many messages make a sample is found by trials before, ' +
    'which also warm each subject up.',
];

const WITHOUT_EMULATOR =
  'Links were not measured: for that name an emulator with --emulator FILE, as root; docs/benchmarks.md says what it has to do.';

/** Measures, by the plan, what the context has of such transports. */
export async function compareOverLinks(context: BenchContext, plan: LinkPlan): Promise<BenchResult> {
  const own = ownCongestion(context);
  const udx = await udxWhereInstalled();
  const notes =
    udx.length > 0 ? [] : ['The package udx-native is not installed, so it is not compared: npm install udx-native.'];
  const file = context.emulator;
  const flows = alone([...SYSTEM_TCP, ...own, ...udx]);
  const shared = pairs(own, plan);
  const { transfer, exchanges, idle } = loopbackStages(plan.loopback);
  const progress = new StagedProgress(context.progress, [
    ...(file === undefined ? [] : linkStages(plan, flows, shared)),
    ...[transfer, ...exchanges.map(({ stage }) => stage), idle],
  ]);
  let overLinks: readonly Section[] = [];
  if (file === undefined) notes.push(WITHOUT_EMULATOR);
  else {
    const figures = await measureLinks(context, { file, plan, progress, flows, shared });
    overLinks = linkSections(figures);
    notes.push(...honestyNotes(figures));
  }
  const contenders = {
    transfer: [PLAIN_TCP, ...own, ...udx],
    exchange: [PLAIN_DATAGRAMS, PLAIN_TCP, ...own, ...udx],
    idle: [PLAIN_TCP, ...onePerTransport(own)],
  };
  const loopback = await measureLoopback({ context, plan: plan.loopback, progress, contenders });
  return {
    title: 'Transports over links',
    method: METHOD,
    notes,
    sections: [...overLinks, ...loopbackSections(loopback, plan.loopback, contenders)],
  };
}

interface MeasuredLinks {
  readonly file: string;
  readonly plan: LinkPlan;
  readonly progress: StagedProgress;
  readonly flows: readonly FlowGroup[];
  readonly shared: readonly FlowGroup[];
}

async function measureLinks(
  context: BenchContext,
  { file, plan, progress, flows, shared }: MeasuredLinks,
): Promise<LinkFigures> {
  const { clock, signal } = context;
  const meter = new LinkMeter({ context, file, plan, progress });
  await checkEmulator({ file, clock, signal, shape: plan.shared, name: meter.nextName() });
  const found: LinkOutcomes[] = [];
  for (const shape of plan.links) found.push(await meter.measure(shape, flows, plan.alone));
  return { alone: found, together: await meter.measure(plan.shared, shared, plan.together) };
}

function linkStages(plan: LinkPlan, flows: readonly FlowGroup[], shared: readonly FlowGroup[]) {
  return [
    ...plan.links.map(({ label }) => stageOf(label, flows, plan.alone)),
    stageOf(plan.shared.label, shared, plan.together),
  ];
}
