import type { EndpointOptions } from '../../../../src/plugins/transport/mrt-udp/endpoint-options.ts';
import { Simulation, at, type Link } from './simulation.ts';

const FRAME = new Uint8Array(64 * 1024);
const MIB = 1024 * 1024;

/** A link that carries so many Mbit/s, with a drop-tail queue of one bandwidth-delay product. */
export function linkOf(mbit: number, delayMs: number, more: Partial<Link> = {}): Link {
  const rate = (mbit * 1_000) / 8;
  return { delayMs, rate, queue: rate * 2 * delayMs, ...more };
}

/** A flow over the link: when it starts, and what it is sent with. */
export interface Flow {
  readonly startsAtMs?: number;
  readonly congestion?: EndpointOptions['congestion'];
  readonly options?: Partial<EndpointOptions>;
}

/** Lets flows share a link in virtual time. Returns, for each flow, the Mbit/s of application data it moved in each second. */
export function goodput(link: Link, seconds: number, flows: readonly Flow[] = [{}], seed = 3): number[][] {
  const simulation = new Simulation(seed, link);
  const shared: Partial<EndpointOptions> = { receiveWindow: 16 * MIB, datagramLength: 1_472 };
  simulation.endpoint(1, [], shared).accept();
  const start = simulation.now;
  const perSecond: number[][] = flows.map(() => []);
  const moved = flows.map(() => 0);
  const tend = () => {
    for (const [connection, app] of simulation.apps) {
      app.keepsFrames = false;
      if (connection.remote.port === 1) app.endless = FRAME;
    }
    return false;
  };
  for (let time = 0; time < seconds * 1_000; time += 100) {
    flows.forEach(({ startsAtMs = 0, congestion = 'bbr', options = {} }, index) => {
      if (startsAtMs !== time) return;
      simulation.endpoint(2 + index, [], { ...shared, congestion, ...options }).dial(at(1), simulation.now);
    });
    simulation.run(tend, start + time + 100 - simulation.now);
    if (time % 1_000 !== 900) continue;
    flows.forEach((_, index) => {
      const apps = [...simulation.apps].filter(([connection]) => connection.remote.port === 2 + index);
      const bytes = apps.reduce((sum, [, app]) => sum + app.receivedBytes, 0);
      perSecond[index]!.push(((bytes - moved[index]!) * 8) / 1e6);
      moved[index] = bytes;
    });
  }
  return perSecond;
}

/** The mean of what lies between two indices. */
export function mean(values: readonly number[], from = 0, to = values.length): number {
  return values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
}
