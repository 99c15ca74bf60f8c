import { KernelError, settingsSchema } from '../../../../src/kernel/index.ts';
import { VirtualClock, memoryIndex, seededRandom } from '../../../../src/kit/index.ts';
import { DialBudget } from '../../../../src/node/overlay/dial-budget.ts';
import { DirectConnections } from '../../../../src/node/overlay/direct-connections.ts';
import { Membership } from '../../../../src/node/overlay/membership.ts';
import { SelfRecord } from '../../../../src/node/overlay/self-record.ts';
import type { NodeRecord } from '../../../../src/node/records.ts';
import { RecordingLogger } from '../../../support/recording-logger.ts';
import { Neighbour, idOf, recordOf } from './neighbour.ts';

/** A dial that was made, and when. */
export interface Dial {
  readonly at: number;
  readonly id: string;
}

/** What those who look after the network need of a node, with dials that come to what the test says. */
export async function keeper({ seed = 1, port = 9_999, dialsPerMinute = 30 } = {}) {
  const clock = new VirtualClock();
  const settings = settingsSchema.parse({ dialsPerMinute });
  const self = await SelfRecord.load({
    id: idOf(0),
    index: memoryIndex(),
    place: undefined,
    advertise: `10.0.0.100:${port}`,
  });
  const membership = new Membership({ self: self.id, clock });
  const connections = new DirectConnections({ self: self.id, settings });
  const lifetime = new AbortController();
  const dialled: Dial[] = [];
  /** Nodes that answer. */
  const reachable = new Set<string>();
  const attempt = async ({ id }: NodeRecord): Promise<void> => {
    dialled.push({ at: clock.now(), id });
    if (!reachable.has(id)) throw new KernelError('ERR_DIAL_FAILED', 'as the test wants it');
  };
  const connect = (number: number) => connections.add(new Neighbour(number, { clock }).connection);
  const options = {
    self,
    clock,
    settings,
    membership,
    connections,
    random: seededRandom(seed),
    logger: new RecordingLogger(),
    budget: new DialBudget({ clock, perMinute: settings.dialsPerMinute }),
    signal: lifetime.signal,
    connect: async (record: NodeRecord) => {
      await attempt(record);
      connect(parseInt(record.id, 16));
    },
    ping: attempt,
  };
  const know = (...numbers: readonly number[]) => {
    for (const number of numbers) membership.learn(recordOf(number));
  };
  /** Beats as the heartbeat does, for so long. */
  const beatFor = async (ms: number, beat: () => void) => {
    for (const end = clock.now() + ms; clock.now() < end;) {
      beat();
      await clock.advance(settings.heartbeatMs);
    }
  };
  return { ...options, options, lifetime, dialled, reachable, connectTo: connect, know, beatFor };
}
