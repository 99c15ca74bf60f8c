import { KernelError } from '../../../src/kernel/index.ts';
import { TokenBucket } from '../../../src/kit/token-bucket.ts';
import { inlineHasher, VirtualClock } from '../../../src/kit/index.ts';
import { allPieces } from '../../../src/node/files/held-pieces.ts';
import { ReplicaChecks } from '../../../src/node/replication/replica-checks.ts';
import type { FileRecord } from '../../../src/node/records.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { contentOf } from '../transfer/support/holders.ts';
import { manifestOf, recordOf } from '../transfer/support/memory-files.ts';

const PIECE = 1_024;
const NAME = 'kept.bin';
const HOUR_MS = 60 * 60 * 1_000;

/** A replica in memory, which the test may spoil. */
function createScene({ rate = Infinity } = {}) {
  const clock = new VirtualClock();
  const bytes = contentOf(4 * PIECE);
  const record = recordOf(NAME, bytes);
  const manifest = manifestOf(record, bytes, PIECE);
  const state = { opened: 0, closed: 0, dropped: [] as FileRecord[], failOpen: undefined as Error | undefined };
  const replicas = {
    holds: (name: string, checksum: string) => name === NAME && checksum === record.checksum,
    open: async () => {
      state.opened++;
      if (state.failOpen !== undefined) throw state.failOpen;
      const read = async (position: number, length: number) => bytes.slice(position, position + length);
      const close = async () => {
        state.closed++;
      };
      return { record, file: { read, close }, manifest, pieces: allPieces(4) };
    },
    drop: async (dropped: FileRecord) => {
      state.dropped.push(dropped);
    },
  };
  const logger = new RecordingLogger();
  const bucket = new TokenBucket({ clock, rate });
  const checks = new ReplicaChecks({ replicas, hasher: inlineHasher(), clock, logger, rate: bucket });
  return { clock, bytes, record, state, logger, checks };
}

describe('a doubted replica', () => {
  test('that is wrong in one byte is given up', async () => {
    const { clock, bytes, record, state, logger, checks } = createScene();
    bytes.fill(255, 3 * PIECE + 5, 3 * PIECE + 6);
    checks.doubt(NAME, record.checksum);
    await clock.advance(0);
    expect(state).toMatchObject({ dropped: [record], opened: 1, closed: 1 });
    expect(logger.named('replica.rotten')).toMatchObject([{ level: 'warn', fields: { name: NAME, piece: 3 } }]);
  });

  test('that is sound stays, and is not read again for an hour', async () => {
    const { clock, record, state, checks } = createScene();
    for (let times = 0; times < 3; times++) {
      checks.doubt(NAME, record.checksum);
      await clock.advance(1_000);
    }
    expect(state).toMatchObject({ dropped: [], opened: 1, closed: 1 });
    await clock.advance(HOUR_MS);
    checks.doubt(NAME, record.checksum);
    await clock.advance(0);
    expect(state.opened).toBe(2);
  });

  test('that is not kept is nobody’s affair', async () => {
    const { clock, record, state, checks } = createScene();
    checks.doubt('other', record.checksum);
    checks.doubt(NAME, '');
    await clock.advance(0);
    expect(state.opened).toBe(0);
  });

  test('that cannot be opened is told of', async () => {
    const { clock, record, state, logger, checks } = createScene();
    state.failOpen = new KernelError('ERR_FILE_CHANGED', 'damaged');
    checks.doubt(NAME, record.checksum);
    await clock.advance(0);
    expect(logger.named('replica.not_checked')).toMatchObject([{ fields: { code: 'ERR_FILE_CHANGED' } }]);
  });

  test('is read at the rate that is meant for it, and no more once the node closes', async () => {
    const { clock, record, state, logger, checks } = createScene({ rate: PIECE });
    checks.doubt(NAME, record.checksum);
    await clock.advance(1_500);
    const closed = checks.close();
    await clock.advance(0);
    await closed;
    expect(state).toMatchObject({ dropped: [], opened: 1, closed: 1 });
    expect(logger.events).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});
