import { WatchedProcess } from '../../../src/bench/footprint/watched-process.ts';
import { systemClock } from '../../../src/kit/index.ts';

const opened: WatchedProcess[] = [];
afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())));

function run(program: string, signal = new AbortController().signal) {
  const clock = systemClock();
  const words = ['--eval', program];
  const watched = new WatchedProcess({ words, environment: process.env, withFigures: false, clock, signal });
  opened.push(watched);
  return watched;
}

const STAY = 'setInterval(() => {}, 1e6);';

test('hears the line that is waited for, and passes over those before it', async () => {
  const watched = run(`console.log('{"event":"warning"}'); console.log('{"event":"ready","address":"here"}'); ${STAY}`);
  expect(await watched.next('ready')).toEqual({ event: 'ready', address: 'here' });
});

test('is given lines of input', async () => {
  const watched = run(
    `process.stdin.on('data', (text) => console.log(JSON.stringify({ event: 'heard', text: String(text) })))`,
  );
  watched.write('STATUS');
  expect(await watched.next('heard')).toEqual({ event: 'heard', text: 'STATUS\n' });
});

test('that ends before its line says how, with the last it wrote', async () => {
  const watched = run(`console.error('peerhold: ERR_FOLDER: it is not there'); process.exit(1)`);
  await expect(watched.next('ready')).rejects.toThrow('the process ended (1): peerhold: ERR_FOLDER: it is not there');
});

test('that prints what is no JSON is not waited for', async () => {
  await expect(run(`console.log('hello'); ${STAY}`).next('ready')).rejects.toThrow('JSON');
});

test('is given up with the reason of the signal', async () => {
  const giveUp = new AbortController();
  const waiting = run(STAY, giveUp.signal).next('ready');
  giveUp.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('is gone when it is closed', async () => {
  const watched = run(`console.log(JSON.stringify({ event: 'ready', pid: process.pid })); ${STAY}`);
  const { pid } = await watched.next('ready');
  await watched.close();
  expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
});
