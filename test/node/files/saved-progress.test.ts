import { KernelError } from '../../../src/kernel/index.ts';
import { deferred, type Deferred } from '../../../src/kit/deferred.ts';
import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import { SavedProgress } from '../../../src/node/files/saved-progress.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';

const MIB = 2 ** 20;

/** The progress of a file whose syncs end when the test says so. */
function begin() {
  const clock = new VirtualClock();
  const logger = new RecordingLogger();
  const syncs: Deferred<undefined>[] = [];
  const saved: string[] = [];
  let has = '';
  const progress = new SavedProgress({
    clock,
    logger,
    name: 'f',
    file: {
      sync: () => {
        const sync = deferred<undefined>();
        syncs.push(sync);
        return sync.promise;
      },
    },
    place: { save: async (held) => void saved.push(Buffer.from(held).toString()) },
    held: () => Buffer.from(has),
  });
  const write = (what: string, bytes: number) => {
    has += what;
    progress.written(bytes);
  };
  const synced = async () => {
    syncs.at(-1)?.resolve(undefined);
    await new Promise(setImmediate);
  };
  return { clock, logger, progress, saved, syncs, synced, write };
}

describe('SavedProgress', () => {
  test('is saved a second after the first write, once', async () => {
    const { clock, saved, synced, syncs, write } = begin();
    write('a', 1);
    await clock.advance(500);
    write('b', 1);
    await clock.advance(499);
    expect(syncs).toHaveLength(0);
    await clock.advance(1);
    await synced();
    await clock.advance(10_000);
    expect([syncs.length, saved]).toEqual([1, ['ab']]);
  });

  test('is saved at once when 64 MiB were written, and not after the second too', async () => {
    const { clock, saved, synced, syncs, write } = begin();
    write('a', 63 * MIB);
    expect(syncs).toHaveLength(0);
    write('b', MIB);
    expect(syncs).toHaveLength(1);
    await synced();
    await clock.advance(10_000);
    expect([syncs.length, saved]).toEqual([1, ['ab']]);
  });

  test('says of what was written meanwhile nothing, and asks a disk that is still at it for no more', async () => {
    const { saved, synced, syncs, write } = begin();
    write('a', 64 * MIB);
    write('b', 64 * MIB);
    expect(syncs).toHaveLength(1);
    await synced();
    expect(saved).toEqual(['a']);
    write('c', 1);
    expect(syncs).toHaveLength(2);
    await synced();
    expect(saved).toEqual(['a', 'abc']);
  });

  test('has ended when what is being saved is, and saves nothing of its own after', async () => {
    const { clock, progress, saved, synced, syncs, write } = begin();
    write('a', 64 * MIB);
    let hasEnded = false;
    const settled = progress.settle().then(() => (hasEnded = true));
    write('b', 64 * MIB);
    await new Promise(setImmediate);
    expect(hasEnded).toBe(false);
    await synced();
    await settled;
    await clock.advance(10_000);
    expect([syncs.length, saved]).toEqual([1, ['a']]);
  });

  test('is lost for good once a sync failed, since the next one would say that all is well', async () => {
    const { logger, progress, saved, syncs, write } = begin();
    const failure = new KernelError('ERR_DISK', 'cannot sync "f": EIO');
    write('a', 64 * MIB);
    syncs[0]?.reject(failure);
    await new Promise(setImmediate);
    expect(progress.loss).toBe(failure);
    expect(logger.named('transfer.progress_not_saved')).toHaveLength(1);
    await expect(progress.sync()).rejects.toBe(failure);
    expect([syncs.length, saved]).toEqual([1, []]);
  });

  test('is not lost where the sync was not allowed', async () => {
    const { progress, syncs, write } = begin();
    write('a', 64 * MIB);
    syncs[0]?.reject(new KernelError('ERR_ACCESS_DENIED', 'no'));
    await new Promise(setImmediate);
    expect(progress.loss).toBeUndefined();
  });
});
