import type { SimulatedNetwork } from '../network/simulated-network.ts';
import type { SimulatedNode } from '../network/simulated-node.ts';
import type { Timeline } from '../scenario/timeline.ts';

/** The nodes that are to die, and when, by the clock. */
export function deathsIn(timeline: Timeline): { readonly at: number; readonly name: string }[] {
  return timeline.flatMap((event) => {
    const at = event.at * 1_000;
    if (event.verb === 'crash') return [{ at, name: event.crash }];
    return event.verb === 'kill' ? [{ at, name: event.kill }] : [];
  });
}

/**
 * Looks, `deadMs` after the death of a node, whether anybody still lists it who ran all the time, and tells who does. Who stands still then is
 * looked at as soon as it goes on, unless it stood still for so long that it was as good as dead itself.
 */
export function lookForUnknownDeath(network: SimulatedNetwork, name: string, tell: (text: string) => void): void {
  const { clock, settings, running } = network;
  const dead = network.node(name);
  const { diedAt } = dead;
  // It may have started again since, or not have run when it was to die.
  if (dead.isUp || Math.abs(clock.now() - diedAt - settings.deadMs) >= 1) return;
  const look = (each: SimulatedNode) => {
    const lists = each.node?.peers().some(({ id }) => id === dead.id) === true;
    const seconds = Math.round(clock.now() - diedAt) / 1_000;
    if (lists && !dead.isUp) tell(`${each.name} lists ${name}, which died ${seconds} s ago`);
  };
  for (const each of running) {
    const { upSince, lastStop, isStopped } = each;
    const wasAway = lastStop.until > diedAt && lastStop.ms > settings.deadMs / 2;
    if (upSince >= diedAt || wasAway) continue;
    if (!isStopped) look(each);
    // What came in meanwhile takes no time.
    else each.whenRunning(() => clock.setTimer(1, () => look(each)));
  }
}
