import { parseArgs } from 'node:util';
import config from '../plugins.config.ts';
import { resolveProfile } from '../src/kernel/index.ts';
import { measureGrowth, type Count, type GrowthFigures } from '../src/sim/index.ts';

/** How networks of several sizes compare, as a table: `npm run growth -- 10 100 --files 5`. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: 'string', default: '5' }, seed: { type: 'string', default: '1' } },
});
const sizes = positionals.length === 0 ? [10, 30, 100] : positionals.map(Number);

interface Run {
  readonly figures: GrowthFigures;
  readonly seconds: number;
  /** The largest the process has been. */
  readonly peakMiB: number;
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const short = (value: number) => (value >= 100 ? whole(value) : value.toFixed(1));
const rowsOf = (label: string, count: (figures: GrowthFigures) => Count): [string, (run: Run) => string][] => [
  [`frames ${label}`, ({ figures }) => short(count(figures).frames)],
  [`bytes ${label}`, ({ figures }) => whole(count(figures).bytes)],
];

const rows: readonly (readonly [string, (run: Run) => string])[] = [
  ['direct connections of a node, on average', ({ figures }) => figures.connections.toFixed(1)],
  ['heartbeats a minute and node', ({ figures }) => short(figures.heartbeats.frames)],
  ...rowsOf('a minute and node, nothing happening', ({ idle }) => idle),
  ...rowsOf('for one change of a file, for each node', ({ change }) => change),
  ...rowsOf('for one join, for each node, beyond what the newcomer lacks', ({ join }) => join),
  ...rowsOf('that tell a newcomer what it lacks', ({ lacked }) => lacked),
  ...rowsOf('to and from a newcomer in 90 s, beyond what it lacks and heartbeats', ({ newcomer }) => newcomer),
  ['seconds that it took', ({ seconds }) => whole(seconds)],
  ['MiB that the process held at most', ({ peakMiB }) => whole(peakMiB)],
];

const runs: Run[] = [];
for (const nodes of sizes) {
  const startedAt = Date.now();
  const seconds = () => (Date.now() - startedAt) / 1_000;
  const peakMiB = () => process.resourceUsage().maxRSS / 1_024;
  const figures = await measureGrowth({
    nodes,
    files: Number(values.files),
    seed: Number(values.seed),
    profile: resolveProfile(config, 'simulation'),
    onJoined: (joined) => {
      if (joined % 50 !== 0) return;
      console.error(`${joined} of ${nodes} nodes after ${whole(seconds())} s, ${whole(peakMiB())} MiB`);
    },
  });
  runs.push({ figures, seconds: seconds(), peakMiB: peakMiB() });
}

console.log(`| ${values.files} files a node | ${sizes.map((nodes) => `n = ${whole(nodes)}`).join(' | ')} |`);
console.log(`|---|${sizes.map(() => '---|').join('')}`);
for (const [label, of] of rows) console.log(`| ${label} | ${runs.map(of).join(' | ')} |`);
