import type { ResolvedProfile } from '../../kernel/index.ts';
import { childRandom } from '../child-seed.ts';
import { SimulatedNetwork } from '../network/simulated-network.ts';
import type { AlwaysExpectation, EndExpectation } from '../scenario/expectation-names.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { timelineOf, type Timeline } from '../scenario/timeline.ts';
import { initialEdges, nameOf, type Edges } from '../scenario/topology.ts';
import { deathsIn, lookForUnknownDeath } from './deaths-known.ts';
import { FalseLeft } from './false-left.ts';
import { INSPECTIONS } from './inspection.ts';
import { Performer } from './performer.ts';
import { SteadyState } from './steady-state.ts';
import { Written } from './written.ts';

/** How often what must hold all along is looked at, where no event shows it. */
const LOOK_EVERY_MS = 5_000;
/** Problems that are told of one run. */
const MAX_PROBLEMS = 20;

/** Something that did not hold. */
export interface Problem {
  /** Virtual seconds. */
  readonly at: number;
  readonly expectation: EndExpectation | AlwaysExpectation;
  readonly text: string;
}

export interface RunOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Makes the profile of the nodes; called once for each run, whose transports reach nobody of another run. */
  readonly profile: () => ResolvedProfile;
  /** What happens, in place of what scenario and seed give. */
  readonly timeline?: Timeline | undefined;
  /**
   * An empty directory of the system for the nodes' folders, in place of disks in memory. The run then is not the same each time, nor its hash, and a
   * crash takes nothing from a folder. What the nodes leave stays there.
   */
  readonly directory?: string | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface RunResult {
  readonly seed: number;
  /** SHA-256 of everything that happened, in hex. */
  readonly hash: string;
  readonly problems: readonly Problem[];
  readonly timeline: Timeline;
  readonly edges: Edges;
  readonly virtualSeconds: number;
  /** Frames that arrived, and their bytes. */
  readonly frames: number;
  readonly bytes: number;
}

/**
 * Runs a scenario with a seed, from the start of the first node until all has settled, as fast as the machine can.
 *
 * @throws ERR_CONFIG, or whatever the profile's plugins say when they are made.
 */
export async function runScenario(options: RunOptions): Promise<RunResult> {
  const { scenario, seed, profile, timeline, directory, onLine } = options;
  const events = timeline ?? timelineOf(scenario, seed);
  const edges = initialEdges(scenario, childRandom(seed, 'topology'));
  const problems: Problem[] = [];
  const written = new Written();
  const asked = new Set<string>(scenario.expect.always);
  const note = (expectation: Problem['expectation'], texts: readonly string[]) => {
    for (const text of texts)
      if (problems.length < MAX_PROBLEMS) problems.push({ at: network.clock.now() / 1_000, expectation, text });
  };
  const noteAlways = (expectation: AlwaysExpectation, text: string) => {
    if (asked.has(expectation)) note(expectation, [text]);
  };
  const performer = new Performer({ scenario, written, onBroken: (what) => noteAlways('no errors', what) });
  const network: SimulatedNetwork = new SimulatedNetwork({
    seed,
    profile: profile(),
    settings: scenario.settings,
    conditions: (from, to) => performer.conditions(from, to),
    directory,
    onLine,
    onLoggedError: ({ name }, event, fields) =>
      noteAlways('no errors', `${name} logged ${event} ${JSON.stringify(fields)}`),
    onNodeEvent: (node, { event }) => {
      const text = event.type === 'peer-left' ? falseLeft.check(node, event.id) : undefined;
      if (text !== undefined) noteAlways('no false LEFT', text);
    },
  });
  const falseLeft = new FalseLeft(network);
  performer.attach(network);
  // Whoever joins later is on a side of a partition too that begins before.
  for (const event of events) if (event.verb === 'join') network.node(event.join);
  const look = async (names: readonly Problem['expectation'][]) => {
    for (const name of names) note(name, (await INSPECTIONS[name]?.(network, written)) ?? []);
  };

  const { clock } = network;
  const steps = stepsOf(scenario, edges, events, performer, () => look(scenario.expect.always));
  let over = scenario.seconds * 1_000;
  if (asked.has('deaths known')) {
    for (const { at, name } of deathsIn(events)) {
      const { deadMs } = network.settings;
      const step = () => lookForUnknownDeath(network, name, (text) => note('deaths known', [text]));
      steps.push({ at: at + deadMs, step });
      // Some are looked at later than that.
      over = Math.max(over, at + 2 * deadMs);
    }
  }
  const steady = new SteadyState({ network, written, expected: scenario.expect.end, seconds: scenario.steadySeconds });
  for (const { at, step } of steps.sort((a, b) => a.at - b.at)) {
    await clock.advance(Math.max(0, at - clock.now()));
    await step();
    if (at > over && (await steady.isReached())) break;
  }
  await look(scenario.expect.end);
  const virtualSeconds = clock.now() / 1_000;
  const { frames, bytes } = network.trace.totals;
  network.end();
  return { seed, hash: network.trace.digest(), problems, timeline: events, edges, virtualSeconds, frames, bytes };
}

interface Step {
  /** By the clock. */
  readonly at: number;
  readonly step: () => Promise<void> | void;
}

/** Everything that is done to the network and looked at, in order of time; at one instant in the order of this list. */
function stepsOf(
  scenario: Scenario,
  edges: Edges,
  events: Timeline,
  performer: Performer,
  look: () => Promise<void>,
): Step[] {
  const { nodes, startGapMs, seconds, settleSeconds } = scenario;
  const over = seconds * 1_000;
  const end = over + settleSeconds * 1_000;
  const steps: Step[] = [];
  for (let number = 1; number <= nodes; number++) {
    const name = nameOf(number);
    const others = edges.filter(([from]) => from === name).map(([, to]) => to);
    steps.push({ at: (number - 1) * startGapMs, step: () => performer.begin(name, others) });
  }
  for (const event of events) steps.push({ at: event.at * 1_000, step: () => performer.perform(event) });
  steps.push({ at: over, step: () => performer.healAll() });
  for (let at = LOOK_EVERY_MS; at < end; at += LOOK_EVERY_MS) steps.push({ at, step: look });
  steps.push({ at: end, step: look });
  return steps;
}
