import { KernelError, type Clock, type Disk } from '../../../src/kernel/index.ts';
import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import { SettlingFiles } from '../../../src/node/files/settling-files.ts';
import { override } from '../../support/override.ts';
import { SETTINGS, makeWorld, startFiles } from './fixture.ts';

const SETTLE_MS = SETTINGS.settleMs;
const HELD_UP_MS = 10;

/** The clock of a process that is held up for a while after it set a timer, so that this fires sooner than its later looks say. */
function heldUp(clock: VirtualClock): Clock {
  return override<Clock>(clock, { setTimer: (delayMs, callback) => clock.setTimer(delayMs - HELD_UP_MS, callback) });
}

test('a file that was left alone is at rest when its time is over, however busy the process was', async () => {
  const clock = new VirtualClock();
  const rested: string[] = [];
  const files = new SettlingFiles({
    clock: heldUp(clock),
    settleMs: SETTLE_MS,
    onRested: (name) => rested.push(name),
  });
  expect(files.isAtRest('gone', undefined)).toBe(false);
  while (rested.length === 0) await clock.advance(1);
  expect(rested).toEqual(['gone']);
  expect(files.isAtRest('gone', undefined)).toBe(true);
});

test('a file that could not be looked at when its time was over is looked at by the next scan', async () => {
  let isReachable = true;
  const wrap = (disk: Disk): Disk =>
    override(disk, {
      stat: async (path) => {
        if (path === 'f' && !isReachable) throw new KernelError('ERR_DISK', 'a network drive hangs');
        return disk.stat(path);
      },
    });
  const { files, disk, clock, write, close } = await startFiles(makeWorld(), { wrap });
  await write('f', 'content');
  await disk.remove('f');
  await clock.advance(1);
  isReachable = false;
  await clock.advance(SETTLE_MS);
  expect(files.index.own.holding('f')).toBeDefined();
  isReachable = true;
  await clock.advance(2 * SETTINGS.scanMs);
  expect(files.index.own.holding('f')).toBeUndefined();
  await close();
});
