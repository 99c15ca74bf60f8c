import { KernelError } from '../../../src/kernel/index.ts';
import { deferred, type Deferred } from '../../../src/kit/deferred.ts';
import { Announcements } from '../../../src/node/files/announcements.ts';
import type { FileStatement } from '../../../src/node/records.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { record, statement } from './fixture.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const of = (name: string) => statement({ record: record({ name }) });

/** An index that has written what it was given when the test says so. */
function make(hear: (said: FileStatement) => void = () => undefined) {
  const saves: Deferred<undefined>[] = [];
  const told: string[] = [];
  const warnings: string[] = [];
  const logger = new RecordingLogger();
  const announcements = new Announcements(
    {
      logger,
      onStatement: (said) => {
        told.push(said.record.name);
        hear(said);
      },
      onWarning: (code, message) => warnings.push(`${code} ${message}`),
    },
    () => {
      const save = deferred<undefined>();
      saves.push(save);
      return save.promise.then(() => undefined);
    },
  );
  /** Ends the save that is under way, and lets what follows go on. */
  const saved = async (error?: Error) => {
    await settle();
    if (error === undefined) saves.at(-1)?.resolve(undefined);
    else saves.at(-1)?.reject(error);
    await settle();
  };
  return { announcements, saves, told, warnings, logger, saved };
}

describe('Announcements', () => {
  test('tell a statement when it was saved, and not before', async () => {
    const { announcements, told, saved } = make();
    announcements.add(of('a'));
    await settle();
    expect(told).toEqual([]);
    await saved();
    expect(told).toEqual(['a']);
  });

  test('save together what comes in one turn, and what comes while something else is saved, and tell it in its order', async () => {
    const { announcements, saves, told, saved } = make();
    for (const name of ['a', 'b', 'c']) announcements.add(of(name));
    await settle();
    for (const name of ['d', 'e']) announcements.add(of(name));
    await saved();
    expect(told).toEqual(['a', 'b', 'c']);
    await saved();
    expect(told).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(saves).toHaveLength(2);
  });

  test('save once more what changed while something was saved, though there is nothing to tell', async () => {
    const { announcements, saves, saved } = make();
    announcements.add(of('a'));
    await settle();
    announcements.saveSoon();
    announcements.saveSoon();
    await saved();
    expect(saves).toHaveLength(2);
    await saved();
    expect(saves).toHaveLength(2);
  });

  test('are settled when all up to then is told, whatever comes meanwhile, and at once where there is nothing', async () => {
    const { announcements, told, saved } = make();
    await announcements.settled();
    announcements.add(of('a'));
    const settled = announcements.settled().then(() => [...told]);
    await settle();
    announcements.add(of('b'));
    await saved();
    expect(await settled).toEqual(['a']);
  });

  test('warn once for as long as nothing can be saved, and tell all the same', async () => {
    const { announcements, told, warnings, saved } = make();
    const full = new KernelError('ERR_DISK_FULL', 'no room');
    for (const name of ['a', 'b']) {
      announcements.add(of(name));
      await saved(full);
    }
    expect(told).toEqual(['a', 'b']);
    expect(warnings).toEqual(['ERR_DISK_FULL cannot write the index: no room']);
    announcements.add(of('c'));
    await saved();
    announcements.add(of('d'));
    await saved(new Error('gone'));
    expect(warnings.slice(1)).toEqual(['ERR_DISK cannot write the index: gone']);
  });

  test('go on where whoever hears of one fails', async () => {
    const { announcements, told, logger, saved } = make(({ record: { name } }) => {
      if (name === 'a') throw new Error('deaf');
    });
    announcements.add(of('a'));
    announcements.add(of('b'));
    await saved();
    await saved();
    expect(told).toEqual(['a', 'b']);
    expect(logger.named('file.not_announced').map(({ fields }) => fields)).toEqual([{ name: 'a', error: 'deaf' }]);
  });
});
