import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kit/index.ts';
import { EmulatedStar } from './emulated-star.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peerhold-star-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (file: string, isRoot = true) =>
  EmulatedStar.open({ file, nodes: 2, seed: 1, clock: systemClock(), isRoot });

/** A program that claims to be an emulator. */
async function program(text: string): Promise<string> {
  const file = join(folder, 'emulator');
  await writeFile(file, `#!/usr/bin/env node\n${text}`, { mode: 0o755 });
  return file;
}

/** Keeps the contract but makes no links: writes down what it is started with and told. */
const PRETENDER = `
const { appendFileSync } = require('node:fs');
const { createServer } = require('node:net');
const { spawnSync, spawn } = require('node:child_process');
const words = process.argv.slice(2);
const note = (line) => appendFileSync(__filename + '.log', line + '\\n');
note(words.slice(0, words.indexOf('--exec')).filter((word) => !/^chaos\\d+$/.test(word)).join(' '));
const socket = __filename + '.sock';
const server = createServer((peer) => peer.on('data', (lines) => {
  for (const line of lines.toString().trim().split('\\n')) {
    note(line);
    peer.write(line === 'heal' ? 'error: no\\n' : 'ok\\n');
  }
}));
server.listen(socket, () => {
  const env = { ...process.env, LINKEM_SOCK: socket };
  for (const host of [0, 1, 2]) Object.assign(env, { ['LINKEM_NS_' + host]: 'space-' + host, ['LINKEM_' + host]: '10.0.0.' + host });
  const child = spawn('sh', ['-c', words.at(-1)], { env, stdio: 'inherit' });
  child.on('close', () => { note('down'); server.close(); process.exit(0); });
});
`;

test('an emulator that is not there is told of in one error that says what is needed', async () => {
  await expect(open(join(folder, 'none'))).rejects.toMatchObject({
    code: 'ERR_EMULATOR',
    message: expect.stringMatching(/root.*docs\/chaos\.md.*without --emulator/) as string,
  });
});

test('whoever is not root is told so before anything is started', async () => {
  await expect(open(join(folder, 'none'), false)).rejects.toMatchObject({
    code: 'ERR_EMULATOR',
    message: expect.stringContaining('this is not root') as string,
  });
});

test('what an emulator says when it fails stands in the error', async () => {
  const file = await program("process.stderr.write('no tunnels today\\n'); process.exit(1);");
  await expect(open(file)).rejects.toMatchObject({
    code: 'ERR_EMULATOR',
    message: expect.stringMatching(/it said: no tunnels today; emulated links need root/) as string,
  });
});

test('nodes and the stranger are hosts of their own, cuts go both ways, and letting go takes the links down', async () => {
  const file = await program(PRETENDER);
  const star = await open(file);
  try {
    expect(star.host('n2')).toMatchObject({
      launcher: ['ip', 'netns', 'exec', 'space-1'],
      flags: ['--listen', '10.0.0.1:0'],
    });
    expect(star.strangerLauncher).toEqual(['ip', 'netns', 'exec', 'space-2']);
    await star.cut('n1', 'n2');
    await star.mend('n1', 'n2');
    await expect(star.mendAll()).rejects.toMatchObject({
      code: 'ERR_EMULATOR',
      message: expect.stringMatching('error: no') as string,
    });
  } finally {
    await star.close();
  }
  const [started, ...orders] = (await readLog(file)).split('\n');
  expect(started).toMatch(/^star --hosts 3 .*--seed 1$/);
  expect(orders).toEqual(['cut 0>1', 'cut 1>0', 'heal 0>1', 'heal 1>0', 'heal', 'down']);
});

async function readLog(file: string): Promise<string> {
  return (await readFile(`${file}.log`, 'utf8')).trim();
}
