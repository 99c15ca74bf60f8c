import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeContent } from '../../../src/bench/transfer/contents.ts';
import { receive } from '../../../src/bench/transfer/receive.ts';
import { useTemporaryFolder } from '../../cli/support/temporary-folder.ts';
import { fakeNetwork, HONEST_GET } from './support/fake-node.ts';

const folder = useTemporaryFolder();

/** Fetches one file by a node whose GET is given. */
async function fetchOne(get: string, meanwhile?: (over: AbortSignal) => Promise<void>, signal?: AbortSignal) {
  const source = join(folder.path, 'source');
  await mkdir(source);
  const file = await writeContent(source, { name: 'file', size: 10_000, seed: 'one' });
  const network = await fakeNetwork(folder.path, get, signal);
  return receive({
    network,
    profile: 'any',
    folder: join(folder.path, 'receiver'),
    from: { address: source, peakMemory: async () => 7 },
    load: { query: file.name, files: [file] },
    meanwhile,
  });
}

const isReceiverGone = async () => !(await readdir(folder.path)).includes('receiver');

test('times the GET, and tells the memory of both ends', async () => {
  const { seconds, sender } = await fetchOne(HONEST_GET);
  expect(seconds).toBeGreaterThan(0);
  expect(sender).toBe(7);
  expect(await isReceiverGone()).toBe(true);
});

test('refuses a file that is not what was sent', async () => {
  const wrong = `writeFileSync(join(folder, argument), 'something else'); say({ event: 'received', sources: {} });`;
  await expect(fetchOne(wrong)).rejects.toThrow('file is not what was sent');
  expect(await isReceiverGone()).toBe(true);
});

test('refuses a file that is not there', async () => {
  await expect(fetchOne(`say({ event: 'received', sources: {} });`)).rejects.toThrow('cannot be read');
});

test('rejects with the error of the command', async () => {
  const failing = `say({ event: 'error', code: 'ERR_NO_SOURCE', message: 'all are gone' });`;
  await expect(fetchOne(failing)).rejects.toThrow('GET file: ERR_NO_SOURCE: all are gone');
  expect(await isReceiverGone()).toBe(true);
});

test('rejects where some of several files did not come', async () => {
  const partial = `say({ event: 'got', files: 1, failed: 2, failures: [{ name: 'b', message: 'it is torn' }] });`;
  await expect(fetchOne(partial)).rejects.toThrow('2 files did not come, such as b: it is torn');
});

test('rejects where the node ends', async () => {
  await expect(fetchOne(`console.error('broken'); process.exit(3);`)).rejects.toThrow('the process ended (3): broken');
});

test('tells what happens meanwhile when the GET is over', async () => {
  let isOver = false;
  await fetchOne(HONEST_GET, async (over) => {
    await new Promise((resolve) => over.addEventListener('abort', resolve));
    isOver = true;
  });
  expect(isOver).toBe(true);
});

test('is given up with the reason of the signal, and leaves nothing behind', async () => {
  const giveUp = new AbortController();
  const waiting = fetchOne('', async () => giveUp.abort(new Error('enough')), giveUp.signal);
  await expect(waiting).rejects.toThrow('enough');
  expect(await isReceiverGone()).toBe(true);
});
