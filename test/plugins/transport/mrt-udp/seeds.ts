import { errorCode } from '../../../../src/kernel/index.ts';
import { Simulation, at, digest, sampleFrames, type Link } from './simulation.ts';

/** Links by name: what a seed is run over. */
export const LINKS: Readonly<Record<string, Link>> = {
  clean: { delayMs: 10 },
  lossy: { delayMs: 15, loss: 0.05, jitterMs: 5 },
  awful: { delayMs: 20, loss: 0.3, jitterMs: 30, duplicate: 0.1, corrupt: 0.05 },
  bursty: { delayMs: 20, burst: 0.02, jitterMs: 10 },
  shuffled: { delayMs: 5, jitterMs: 60, duplicate: 0.2 },
  narrow: {
    delayMs: 20,
    rate: 100,
    queue: 20_000,
    loss: 0.02,
    back: { delayMs: 60, rate: 5, queue: 4_000, loss: 0.1 },
  },
  shrinking: { delayMs: 10, loss: 0.02, mtu: (now) => (now < 1_300 ? 8_972 : 1_300) },
  late: { delayMs: 10, loss: 0.02, reorder: 0.1, reorderMs: 30, turnMs: 20 },
  interrupted: { delayMs: 10, loss: 0.02, dead: { from: 1_200, until: 7_000 } },
};

/** What a seed came to: nothing wrong, or a sentence. */
export function runSeed(seed: number, link: Link): string | undefined {
  const simulation = new Simulation(seed, link);
  const { random } = simulation;
  const sent = [1, 2].map(() =>
    sampleFrames(random, Math.floor(random.fraction() * 20), seed % 10 === 0 ? 40_000 : 5_000),
  );
  simulation.endpoint(1, sent[0], { datagramLength: 9_000 }).accept();
  simulation.endpoint(2, sent[1], { datagramLength: 9_000 }).dial(at(1), simulation.now);
  const apps = () => [...simulation.apps.values()];
  if (!simulation.run(() => apps().length === 2 || simulation.failures.length > 0, 30_000))
    return 'neither dialled nor failed';
  if (simulation.failures.length > 0) return undefined;
  const [one, two] = [apps()[0]!, apps()[1]!];
  const expected = new Map([
    [one, one.connection.remote.port === 1 ? sent[0]! : sent[1]!],
    [two, two.connection.remote.port === 1 ? sent[0]! : sent[1]!],
  ]);
  const hasAll = () => apps().every((app) => app.hasEnded || app.received.length >= expected.get(app)!.length);
  if (!simulation.run(hasAll, 3_600_000)) return 'the frames did not arrive';
  one.close();
  two.close();
  if (!simulation.run(() => apps().every((app) => app.hasEnded), 60_000)) return 'the connection did not end';
  for (const app of apps()) {
    const frames = expected.get(app)!;
    if (digest(app.received) !== digest(frames.slice(0, app.received.length))) return 'a frame changed';
    if (app.error === undefined && app.received.length !== frames.length) return 'a frame is missing';
    if (app.error !== undefined && (link.loss ?? 0) + (link.burst ?? 0) < 0.1 && !link.dead)
      return `ended by ${app.error.message}`;
    if (app.error !== undefined && errorCode(app.error) === undefined)
      return `an end without a code: ${app.error.message}`;
  }
  return undefined;
}
