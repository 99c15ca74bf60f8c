import { KernelError } from '../../../src/kernel/index.ts';
import { HandshakeSlots } from '../../../src/node/link/handshake-slots.ts';

function slots(total = 4, perSource = 2) {
  return new HandshakeSlots({ total, perSource, taken: (source) => new KernelError('ERR_LIMIT', source) });
}

describe('handshake slots', () => {
  test('are as many as the limits say, and free again when released', () => {
    const all = slots();
    const held = ['a', 'b', 'c', 'd'].map((source) => all.take(source)!);
    for (const slot of held) slot.keep();
    expect(all.take('e')).toBeUndefined();
    held[0]!.release();
    held[0]!.release();
    expect(all.size).toBe(3);
    expect(all.take('e')).toBeDefined();
  });

  test('go to the newcomer from whoever of its source is silent longest', () => {
    const all = slots();
    const [first, second] = [all.take('a')!, all.take('a')!];
    const other = all.take('b')!;
    expect(all.take('a')).toBeDefined();
    expect(first.signal.reason).toMatchObject({ code: 'ERR_LIMIT', message: 'a' });
    expect(second.signal.aborted).toBe(false);
    expect(other.signal.aborted).toBe(false);
  });

  test('go to the newcomer from whoever is silent longest where there are none left', () => {
    const all = slots();
    const [first] = ['a', 'b', 'c', 'd'].map((source) => all.take(source)!);
    expect(all.take('e')).toBeDefined();
    expect(first!.signal.aborted).toBe(true);
    expect(all.size).toBe(4);
  });

  test('stay with those whose hello was right', () => {
    const all = slots();
    const [first, second] = [all.take('a')!, all.take('a')!];
    first.keep();
    expect(all.take('a')).toBeDefined();
    expect(first.signal.aborted).toBe(false);
    expect(second.signal.aborted).toBe(true);
  });

  test('are all taken back at the end', () => {
    const all = slots();
    const slot = all.take('a')!;
    slot.keep();
    all.takeAll(new KernelError('ERR_CLOSED', 'the end'));
    expect(slot.signal.reason).toMatchObject({ code: 'ERR_CLOSED' });
    expect(all.size).toBe(0);
  });
});
