import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './support/run-program.ts';
import { useNodes } from './support/start-node.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/wire.ts';

// What the command line does that takes seconds to see; the rest of it is in command-line.test.ts.
const nodes = useNodes();

/** Runs the program to its end, with the key of the nodes. */
const run = (words: readonly string[]) => runProgram(words, { environment: { PEERHOLD_KEY: nodes.key } });

describe('peerhold start', () => {
  test('goes on after the end of its input, until it is asked to end', async () => {
    const node = await nodes.start({ outlivesInput: true });
    node.endInput();
    const status = await eventually(() => run(['ctl', node.folder, 'STATUS', '--json']));
    expect(JSON.parse(status.stdout)).toMatchObject({ event: 'status', id: node.id });
    expect(await node.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(node.events.at(-1)).toEqual({ event: 'closed' });
  });

  test('a folder whose node was killed can be used again at once, by the same node', async () => {
    const first = await nodes.start();
    await first.kill('SIGKILL');
    const second = await nodes.start({ folder: first.folder });
    expect(second.id).toBe(first.id);
    expect((await run(['ctl', second.folder, 'LIST'])).stdout).toBe('no files\n');
  });

  test('connects to the addresses of --add, and warns of those where nobody is', async () => {
    const first = await nodes.start();
    const second = await nodes.start({ flags: ['--add', first.address, '--add', 'nonsense'] });
    expect(await second.waitFor('peer-joined', ({ id }) => id === first.id)).toMatchObject({ address: first.address });
    expect(await second.waitFor('warning', () => true)).toMatchObject({ code: 'ERR_ADDRESS' });
  });

  test('takes a config of its own that spreads the shipped one', async () => {
    const folder = await nodes.folder();
    const config = join(folder, 'my.config.ts');
    await writeFile(
      config,
      `import shipped from 'peerhold/config';
       import { defineConfig } from 'peerhold';
       const profiles = { ...shipped.profiles, fast: { extends: 'default', about: 'Hasty.', settings: { heartbeatMs: 400 } } };
       export default defineConfig({ ...shipped, profiles });`,
    );
    const node = await nodes.start({ flags: ['--config', config, '--profile', 'fast'] });
    expect(node.ready.profile).toBe('fast');
  });
});

describe('peerhold keygen', () => {
  test('prints a key; nodes that have it, from a file or the environment, form a network', async () => {
    const { stdout, code } = await run(['keygen']);
    expect(code).toBe(0);
    const keyFile = join(await nodes.folder(), 'team.key');
    await writeFile(keyFile, stdout, { mode: 0o600 });
    const [first, second] = [await nodes.start({ flags: ['--key-file', keyFile] }), await nodes.start({ key: stdout })];
    expect(await first.expect('added', `ADD ${second.address}`)).toMatchObject({ id: second.id });
  });
});

describe('peerhold ctl', () => {
  test('says that nobody answers at an address, once the time for a dial is over', async () => {
    const { folder } = await nodes.start();
    const { code, stdout } = await run(['ctl', folder, 'ADD', `127.0.0.1:${await freePort()}`, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'ERR_DIAL_FAILED' });
  });
});
