import { errorCode } from '../../../src/kernel/index.ts';
import { QuestionThread } from '../../../src/kit/world/question-thread.ts';

/** Answers a number with its double, after the even ones the odd ones, and fails on 0. */
const DOUBLING = `
const { parentPort } = require('node:worker_threads');
const late = [];
parentPort.on('message', ({ id, question }) => {
  if (question === 0) throw new Error('not zero');
  late.push({ id, answer: question * 2 });
  if (question % 2 !== 0) return;
  for (const each of late.splice(0).reverse()) parentPort.postMessage(each);
});
`;

const createThread = () => new QuestionThread<number, number>({ source: DOUBLING, name: 'doubling' });
const codeOf = (work: Promise<unknown>) => work.then(() => undefined, errorCode);

describe('QuestionThread', () => {
  test('gives each question its answer, in whatever order they come', async () => {
    const thread = createThread();
    const answers = [1, 3, 2].map((question) => thread.ask(question));
    expect(thread.owed).toBe(3);
    expect(await Promise.all(answers)).toEqual([2, 6, 4]);
    expect(thread.owed).toBe(0);
    await thread.end(new Error('done'));
  });

  test('fails what it owes when it fails, and answers nothing from then on', async () => {
    const thread = createThread();
    expect(await Promise.all([1, 0].map((question) => codeOf(thread.ask(question))))).toEqual([
      'ERR_CLOSED',
      'ERR_CLOSED',
    ]);
    expect(thread.ended).toBe(true);
    expect(await codeOf(thread.ask(2))).toBe('ERR_CLOSED');
  });

  test('fails what it owes with the reason for which it is ended', async () => {
    const thread = createThread();
    const owed = thread.ask(1);
    const ended = thread.end(new Error('enough'));
    await expect(owed).rejects.toThrow('enough');
    await ended;
  });
});
