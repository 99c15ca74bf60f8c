import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PluginCard } from '../../src/cli/conform-inspection.ts';
import { pluginsOfPage } from '../docs/plugins-page.ts';
import { runProgram } from './support/run-program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peerhold-conform-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function conform(name: string, text: string, ...flags: string[]) {
  const path = join(folder, name);
  await writeFile(path, text);
  return runProgram(['conform', path, ...flags]);
}

/** A piece strategy whose `select` is the text given. */
const strategy = (select: string) => `
  import { definePlugin, z } from 'peerhold';
  export const mine = definePlugin({
    name: 'mine', kind: 'pieceStrategy', about: 'For a test.', options: z.strictObject({}),
    create: () => ({ pieceLength: () => 2 ** 30, select: ${select} }),
  });`;

describe('peerhold conform', () => {
  test.each([...pluginsOfPage()].filter(([name]) => name !== 'unix-socket.ts'))(
    'has a passing card for %s of docs/plugins.md, which lies in no project',
    async (name, text) => {
      const { code, stdout, stderr } = await conform(name, text, '--json');
      const { passed, plugins } = JSON.parse(stdout) as { passed: boolean; plugins: PluginCard[] };
      const failed = plugins.flatMap(({ cases }) => cases.filter((each) => !each.passed));
      expect({ failed, passed, code, stderr }).toEqual({ failed: [], passed: true, code: 0, stderr: '' });
      expect(plugins).toHaveLength(1);
      if (plugins[0]?.kind !== 'logger') expect(plugins[0]?.throughput?.perSecond).toBeGreaterThan(0);
    },
  );

  test('names the requirement that a plugin breaks, says how it showed, and ends with 1', async () => {
    const { code, stdout } = await conform('twice.ts', strategy('({ candidates }) => [...candidates, ...candidates]'));
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /FAILED {2}selects each piece once \(\d+ ms\)\n {10}different pieces .* expected \d+, found/,
    );
    expect(stdout).toContain('  passed  cuts every file into at most');
    expect(stdout).toMatch(/pieceStrategy mine: \d of 11 cases failed in \d+\.\d s\n$/);
  });

  test('fails a case that ends the process, and tries the others', async () => {
    const { code, stdout } = await conform(
      'exits.ts',
      strategy('({ candidates }, limit) => (limit === 1_000 ? process.exit(0) : candidates.slice(0, limit))'),
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILED {2}selects candidates only .*\n {10}the plugin ended the process \(0\)\n/);
    expect(stdout).toContain('passed  asks for the availability of candidates only');
  });

  test('fails a case that leaves an error to nobody', async () => {
    const { stdout } = await conform(
      'rejects.ts',
      strategy('({ candidates }, limit) => (Promise.reject(new Error("forgotten")), candidates.slice(0, limit))'),
    );
    expect(stdout).toContain('          an error that nobody caught: forgotten\n');
    // Each case that fails so costs a process, and the next is tried in a new one.
  }, 60_000);

  test.each([
    ['nothing.ts', 'export const nothing = 1;', 'expected an export that definePlugin made'],
    ['called.ts', `${strategy('() => []').replace('export ', '')} export const used = mine();`, 'before it is called'],
    ['wrong.ts', `${strategy('() => []')} export const conformance = { balance: false };`, 'balance'],
    ['broken.ts', 'throw new Error("this is broken");', 'this is broken'],
    ['ends.ts', 'process.exit(3);', 'the plugin ended the process (3)'],
  ])('says in one line what is wrong with %s', async (name, text, problem) => {
    const { code, stdout, stderr } = await conform(name, text);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^peerhold: ERR_PLUGIN: .*\n$/);
    expect(stderr).toContain(problem);
  });
});
