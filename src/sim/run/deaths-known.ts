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

/** What a process that goes on needs to read what came in while it stood still, and to act on it. */
const CATCH_UP_MS = 150;

/**
 * Looks, `deadMs` after the death of a node, whether anybody still lists it who ran all the time, and tells who does. Who stood still meanwhile has
 * half as long again, and until it has caught up; who stood still for longer than that at a stretch was as good as dead itself, and is left out.
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
    if (upSince >= diedAt) continue;
    if (lastStop.until < diedAt) look(each);
    else if (lastStop.ms <= settings.deadMs / 2) {
      clock.setTimer(settings.deadMs / 2, () => whenCaughtUp(network, each, () => look(each)));
    }
  }
}

/** Calls back when a node has run for a moment without a stop; never where it dies before. */
function whenCaughtUp(network: SimulatedNetwork, node: SimulatedNode, callback: () => void): void {
  node.whenRunning(() => {
    const { lastStop } = node;
    network.clock.setTimer(CATCH_UP_MS, () => {
      if (node.lastStop === lastStop) callback();
      else whenCaughtUp(network, node, callback);
    });
  });
}
