import { errorCode, resolveProfile, type Address, type ResolvedProfile } from '../../kernel/index.ts';
import { MemoryDisk, inlineHasher, memoryIndex, silentLogger, systemRandom } from '../../kit/index.ts';
import { createNode, type StorageNode } from '../../node/index.ts';
import type { BenchSetting, WorkerRole } from '../bench.ts';

/** What the process with the peers of a node is asked. */
export interface PeersQuestion {
  readonly ask: 'connect';
  readonly profile: string;
  readonly sharedKey: Uint8Array;
  /** The node they connect to. */
  readonly address: Address;
  /** How many there shall be. */
  readonly count: number;
}

/**
 * Whole nodes in one process, each with an empty folder in memory, that connect to the node that is watched. Answers with how many do: none
 * where the transport stays within a process, and an address there leads to somebody of this one.
 */
export const peersRole: WorkerRole = async (setting) => {
  const peers: StorageNode[] = [];
  return async (question) => {
    const { profile, sharedKey, address, count } = question as PeersQuestion;
    const quiet = withoutLog(resolveProfile(setting.config, profile));
    while (peers.length < count) {
      const peer = await startPeer({ profile: quiet, sharedKey, user: `peer-${peers.length}` }, setting);
      peers.push(peer);
      try {
        await peer.add(address);
      } catch (error) {
        if (errorCode(error) === 'ERR_SELF') return 0;
        throw error;
      }
    }
    return peers.length;
  };
};

async function startPeer(
  options: { readonly profile: ResolvedProfile; readonly sharedKey: Uint8Array; readonly user: string },
  { clock }: BenchSetting,
): Promise<StorageNode> {
  return createNode({
    ...options,
    world: {
      clock,
      random: systemRandom(),
      disk: new MemoryDisk({ clock }),
      index: memoryIndex(),
      hasher: inlineHasher(),
      environment: {},
      stderr: { isTerminal: false, write: () => undefined },
    },
    listen: '127.0.0.1:0',
  });
}

function withoutLog(profile: ResolvedProfile): ResolvedProfile {
  const logger = { ...profile.slots.logger, create: () => silentLogger() };
  return { ...profile, slots: { ...profile.slots, logger } };
}
