import { ChangeSignal } from '../../src/kit/change-signal.ts';

describe('ChangeSignal', () => {
  const { signal } = new AbortController();

  test('tells one who waits of a change', async () => {
    const changes = new ChangeSignal();
    const next = changes.next(signal);
    changes.notify();
    await next;
  });

  test('keeps a change for who waits next, once however many there were', async () => {
    const changes = new ChangeSignal();
    changes.notify();
    changes.notify();
    await changes.next(signal);
    await expect(changes.next(AbortSignal.abort(new Error('nothing new')))).rejects.toThrow('nothing new');
  });
});
