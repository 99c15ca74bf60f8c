import { errorCode } from '../../../src/kernel/index.ts';
import { HashThread } from '../../../src/kit/world/hash-thread.ts';
import { workerHasher } from '../../../src/kit/world/worker-hasher.ts';
import { hasherContract } from '../hasher-contract.ts';

const codeOf = (work: Promise<unknown>) => work.then(() => undefined, errorCode);

describe('workerHasher', () => {
  for (const { name, run } of hasherContract) {
    test(name, async () => {
      await using hasher = workerHasher();
      await run(hasher);
    });
  }

  test('moves a whole chunk to the thread instead of copying it', async () => {
    await using hasher = workerHasher();
    const chunk = new Uint8Array(1_000);
    await hasher.create().update(chunk);
    expect(chunk.byteLength).toBe(0);
  });

  test('settles what is under way when it closes', async () => {
    const hasher = workerHasher();
    const stream = hasher.create();
    await stream.update(new Uint8Array(50_000_000));
    const pending = [codeOf(stream.update(new Uint8Array(1_000))), codeOf(stream.digest())];
    await hasher.close();
    expect(await Promise.all(pending)).toEqual(['ERR_CLOSED', 'ERR_CLOSED']);
  });

  test('settles what is under way when the thread dies', async () => {
    const thread = new HashThread();
    // No bytes in it, so the thread fails on it.
    const request = { type: 'update', stream: 0, pieceLength: 0, bytes: { buffer: new ArrayBuffer(0) } } as never;
    expect(await codeOf(thread.ask(request))).toBe('ERR_CLOSED');
    expect(thread.ended).toBe(true);
    expect(await codeOf(thread.ask({ type: 'digest', stream: 0, pieceLength: 0 }))).toBe('ERR_CLOSED');
  });
});
