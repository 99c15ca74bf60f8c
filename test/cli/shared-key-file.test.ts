import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findSharedKey, ownKeyFile } from '../../src/cli/shared-key-file.ts';
import { systemRandom } from '../../src/kit/index.ts';
import { formatSharedKey, makeSharedKey } from '../../src/node/identity/shared-key.ts';
import { useTemporaryFolder } from './support/temporary-folder.ts';

const folder = useTemporaryFolder();
const random = systemRandom();
const ask = async (options: { keyFile?: string; environment?: Record<string, string> } = {}) => {
  const notices: string[] = [];
  const key = await findSharedKey({
    keyFile: options.keyFile,
    environment: { XDG_CONFIG_HOME: folder.path, ...options.environment },
    random,
    notice: (line) => notices.push(line),
  });
  return { key: Buffer.from(key).toString('hex'), notices };
};
const newKey = () => {
  const key = makeSharedKey(random);
  return { text: formatSharedKey(key), hex: Buffer.from(key).toString('hex') };
};

describe('findSharedKey', () => {
  test('takes the file asked for before the environment, and the environment before the own file', async () => {
    const [file, environment] = [newKey(), newKey()];
    const path = join(folder.path, 'team.key');
    await writeFile(path, `${file.text}\n`, { mode: 0o600 });
    expect(await ask({ keyFile: path, environment: { PEERHOLD_KEY: environment.text } })).toEqual({
      key: file.hex,
      notices: [],
    });
    expect(await ask({ environment: { PEERHOLD_KEY: environment.text } })).toEqual({
      key: environment.hex,
      notices: [],
    });
    expect(await readdir(folder.path)).toEqual(['team.key']);
  });

  test('makes the own key file at first need, for its owner only, and says where it is', async () => {
    const first = await ask();
    const path = join(folder.path, 'peerhold', 'key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(first.notices).toEqual([expect.stringContaining(`made a shared key in ${path}`)]);
    expect(await ask()).toEqual({ key: first.key, notices: [`the shared key is in ${path}`] });
  });

  test('nodes that start together agree on one key, and leave nothing else behind', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(new Set(answers.map(({ key }) => key)).size).toBe(1);
    expect(await readdir(join(folder.path, 'peerhold'))).toEqual(['key']);
    expect(answers.filter(({ notices }) => notices[0]?.startsWith('made'))).toHaveLength(1);
  });

  test('warns of a key that others can read', async () => {
    const path = join(folder.path, 'team.key');
    await writeFile(path, newKey().text);
    await chmod(path, 0o644);
    expect((await ask({ keyFile: path })).notices).toEqual([expect.stringContaining('can be read by other users')]);
  });

  test.each([
    ['a wrong key in the environment', { environment: { PEERHOLD_KEY: 'secret' } }, 'ERR_KEY_FORMAT', 'PEERHOLD_KEY'],
    ['a missing file', { keyFile: '/nonexistent/team.key' }, 'ERR_KEY_UNREADABLE', '/nonexistent/team.key'],
    ['a directory', { keyFile: '/' }, 'ERR_KEY_', '/'],
  ])('refuses %s', async (_what, options, code, message) => {
    await expect(ask(options)).rejects.toMatchObject({
      code: expect.stringContaining(code) as string,
      message: expect.stringContaining(message) as string,
    });
  });

  test('refuses a file that is no key without showing what is in it', async () => {
    const path = join(folder.path, 'team.key');
    await writeFile(path, 'my secret diary', { mode: 0o600 });
    await expect(ask({ keyFile: path })).rejects.toMatchObject({
      code: 'ERR_KEY_FORMAT',
      message: expect.not.stringContaining('diary') as string,
    });
  });

  test('does not read a file that is too large to be a key', async () => {
    const path = join(folder.path, 'film.mkv');
    await writeFile(path, Buffer.alloc(2_000), { mode: 0o600 });
    await expect(ask({ keyFile: path })).rejects.toMatchObject({ code: 'ERR_KEY_FORMAT' });
  });

  test('says so where the own file cannot be made', async () => {
    await writeFile(join(folder.path, 'peerhold'), 'in the way');
    await expect(ask()).rejects.toMatchObject({
      code: 'ERR_KEY_UNREADABLE',
      message: expect.stringContaining('cannot be made') as string,
    });
  });
});

describe('ownKeyFile', () => {
  test('is in ~/.config where no other place is set, or a relative one', () => {
    expect(ownKeyFile({ HOME: '/home/ann' })).toBe('/home/ann/.config/peerhold/key');
    expect(ownKeyFile({ HOME: '/home/ann', XDG_CONFIG_HOME: 'x' })).toBe('/home/ann/.config/peerhold/key');
  });
});
