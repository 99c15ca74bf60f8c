import { transfer } from '../../../src/bench/transfer/index.ts';
import { measureMoves, type Move, type Opening } from '../../../src/bench/transfer/mover.ts';
import { StagedProgress } from '../../../src/bench/staged-progress.ts';
import { benchContext } from '../support/bench-context.ts';

const MOVE: Move = { seconds: 2, sender: 10, receiver: 20 };

/** A mover that does as it is told, and notes its end. */
function opening(name: string, ended: string[], move: () => Promise<Move> = async () => MOVE): Opening {
  return { name, open: async () => ({ move, close: async () => void ended.push(name) }) };
}

function measure(openings: readonly Opening[], signal = new AbortController().signal) {
  const stage = { label: 'moving', weight: 1 };
  const progress = new StagedProgress(() => undefined, [stage]);
  const context = benchContext(transfer, { signal });
  return measureMoves({ context, progress, stage, sampling: { rounds: 3, seconds: 10 }, openings });
}

test('has every mover move in every round, and ends them all', async () => {
  const ended: string[] = [];
  const outcomes = await measure([opening('a', ended), opening('b', ended)]);
  expect([...outcomes]).toEqual([
    ['a', { samples: [MOVE, MOVE, MOVE] }],
    ['b', { samples: [MOVE, MOVE, MOVE] }],
  ]);
  expect(ended).toEqual(['a', 'b']);
});

test('says why one could not be made ready and why one did not move, and goes on with the others', async () => {
  const ended: string[] = [];
  const closed: Opening = { name: 'closed', open: () => Promise.reject(new Error('it does not start')) };
  const stuck = opening('stuck', ended, () => Promise.reject(new Error('it does not move')));
  const outcomes = await measure([closed, stuck, opening('a', ended)]);
  expect(outcomes.get('closed')).toEqual({ failed: 'it does not start' });
  expect(outcomes.get('stuck')).toEqual({ failed: 'it does not move' });
  expect(outcomes.get('a')).toHaveProperty('samples');
  expect(ended).toEqual(['stuck', 'a']);
});

test('ends all when it is given up, and says so', async () => {
  const ended: string[] = [];
  const giveUp = new AbortController();
  const late = opening('late', ended, async () => {
    giveUp.abort(new Error('enough'));
    return MOVE;
  });
  await expect(measure([late, opening('a', ended)], giveUp.signal)).rejects.toThrow('enough');
  expect(ended).toEqual(['late', 'a']);
});
