import { settingsSchema } from '../../../src/kernel/index.ts';
import { greatCircleKm, scoreParts, totalScore, type ScoreInput } from '../../../src/node/overlay/score.ts';

const settings = settingsSchema.parse({});
const input: ScoreInput = { rttMs: 100, own: undefined, theirs: undefined, load: 0 };
const berlin = { coordinates: { latitude: 52.52, longitude: 13.405 } };
const sydney = { coordinates: { latitude: -33.8688, longitude: 151.2093 } };

describe('the score of a neighbour', () => {
  test('is one point for each 100 ms of round-trip time', () => {
    expect(totalScore(scoreParts({ ...input, rttMs: 250 }, settings))).toBeCloseTo(2.5);
  });

  test('takes an unmeasured node for neither near nor far', () => {
    expect(scoreParts({ ...input, rttMs: undefined }, settings).rtt).toBe(1);
  });

  test('stays finite for a peer that is absurdly far', () => {
    expect(scoreParts({ ...input, rttMs: Number.MAX_VALUE }, settings).rtt).toBe(600);
  });

  test('grows with the great-circle distance between declared coordinates', () => {
    expect(greatCircleKm(berlin.coordinates, sydney.coordinates)).toBeCloseTo(16_094, -2);
    expect(scoreParts({ ...input, own: berlin, theirs: sydney }, settings).geography).toBeCloseTo(0.804, 2);
    expect(scoreParts({ ...input, own: berlin, theirs: berlin }, settings).geography).toBe(0);
  });

  test('falls back to zones: near in one zone, half a point in another', () => {
    expect(scoreParts({ ...input, own: { zone: 'a' }, theirs: { zone: 'a' } }, settings).geography).toBe(0);
    expect(scoreParts({ ...input, own: { zone: 'a' }, theirs: { zone: 'b' } }, settings).geography).toBe(0.5);
  });

  test('says nothing of geography where one side does not declare its place', () => {
    expect(scoreParts({ ...input, own: berlin, theirs: { zone: 'b' } }, settings).geography).toBe(0);
  });

  test('grows with what the node already holds, so that work spreads', () => {
    expect(scoreParts({ ...input, load: 0.5 }, settings).spread).toBe(0.25);
    expect(scoreParts({ ...input, load: 7 }, settings).spread).toBe(0.5);
  });

  test('weighs each part as the profile says', () => {
    const weighted = settingsSchema.parse({ weightRtt: 2, weightGeography: 0, weightSpread: 10 });
    const far = { rttMs: 100, own: berlin, theirs: sydney, load: 1 };
    expect(scoreParts(far, weighted)).toEqual({ rtt: 2, geography: 0, spread: 10 });
  });
});
