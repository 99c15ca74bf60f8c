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

/** For a process that goes on: what came in while it stood still takes no time. */
const CATCH_UP_MS = 1;

/**
 * Looks, `deadMs` after the death of a node, whether anybody still lists it who ran all the time, and tells who does. Who stood still meanwhile has
 * half as long again, and until it goes on; who stood still for longer than that was as good as dead itself.
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
    const { upSince, lastStop } = each;
    const stoodStill = lastStop.until > diedAt;
    if (upSince >= diedAt || (stoodStill && lastStop.ms > settings.deadMs / 2)) continue;
    if (!stoodStill) look(each);
    else
      clock.setTimer(settings.deadMs / 2, () => each.whenRunning(() => clock.setTimer(CATCH_UP_MS, () => look(each))));
  }
}
