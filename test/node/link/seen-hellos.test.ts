import { SeenHellos } from '../../../src/node/link/seen-hellos.ts';

describe('seen hellos', () => {
  test('know a tag that came before', () => {
    const seen = new SeenHellos();
    expect(seen.add(Uint8Array.of(1))).toBe(true);
    expect(seen.add(Uint8Array.of(2))).toBe(true);
    expect(seen.add(Uint8Array.of(1))).toBe(false);
  });

  test('forget the oldest beyond their limit', () => {
    const seen = new SeenHellos(2);
    for (const tag of [1, 2, 3]) seen.add(Uint8Array.of(tag));
    expect(seen.add(Uint8Array.of(3))).toBe(false);
    expect(seen.add(Uint8Array.of(2))).toBe(false);
    expect(seen.add(Uint8Array.of(1))).toBe(true);
  });
});
