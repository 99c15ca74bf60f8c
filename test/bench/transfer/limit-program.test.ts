import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { checkContents, writeContent } from '../../../src/bench/transfer/contents.ts';
import { fetchFile, serveFile } from '../../../src/bench/transfer/limit-program.ts';
import { useTemporaryFolder } from '../../cli/support/temporary-folder.ts';

const folder = useTemporaryFolder();

describe.each(['sealed', 'plain'] as const)('the limit program, %s,', (form) => {
  test.each([0, 1, 256 * 1024, 3 * 2 ** 20 + 17])('moves %d bytes as they are', async (size) => {
    const file = await writeContent(folder.path, { name: 'file', size, seed: 'limit' });
    const port = await serveFile(form, join(folder.path, 'file'));
    const received = { ...file, name: 'received' };
    await fetchFile(form, port, join(folder.path, received.name));
    await checkContents(folder.path, [received]);
  });

  test('moves a file again to whoever asks again', async () => {
    const file = await writeContent(folder.path, { name: 'file', size: 500_000, seed: 'limit' });
    const port = await serveFile(form, join(folder.path, 'file'));
    const names = ['first', 'second'];
    await Promise.all(names.map((name) => fetchFile(form, port, join(folder.path, name))));
    await checkContents(
      folder.path,
      names.map((name) => ({ ...file, name })),
    );
  });

  test('says that nobody serves', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await expect(fetchFile(form, port, join(folder.path, 'received'))).rejects.toThrow('ECONNREFUSED');
  });
});
