import fc from 'fast-check';

/** What is put into frames: separators, escapes, numbers at the edge, paths. */
const SCRAPS = ['^', '&', '%', '%00', '%ff', '-1', '0', '9007199254740992', '99999999999999999999', '../', '\0', '\n'];

type Change = (frame: Buffer, at: number) => Buffer;

const CHANGES: readonly Change[] = [
  // A bit turned.
  (frame, at) => Buffer.from(frame.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte))),
  // Cut short, cut in the middle, said twice.
  (frame, at) => frame.subarray(0, at),
  (frame, at) => Buffer.concat([frame.subarray(0, at), frame.subarray(at + 7)]),
  (frame, at) => Buffer.concat([frame.subarray(0, at), frame.subarray(Math.max(0, at - 20))]),
  // A number made another.
  (frame, at) => Buffer.from(frame.toString('latin1').replace(/\d+/, SCRAPS[5 + (at % 4)] ?? ''), 'latin1'),
  ...SCRAPS.map(
    (scrap): Change =>
      (frame, at) =>
        Buffer.concat([frame.subarray(0, at), Buffer.from(scrap), frame.subarray(at)]),
  ),
];

/** Frames that were messages until something happened to them, once to three times. Some still are. */
export function mutations(frames: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.constantFrom(...CHANGES), fc.nat());
  return fc
    .tuple(fc.constantFrom(...frames), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([frame, changes]) =>
      changes.reduce<Buffer>((changed, [apply, at]) => apply(changed, at % (changed.length + 1)), Buffer.from(frame)),
    );
}
