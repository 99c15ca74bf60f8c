import type { Settings } from '../../kernel/index.ts';
import type { Place } from '../records.ts';

/** The weighted parts a score is the sum of. */
export interface ScoreParts {
  readonly rtt: number;
  readonly geography: number;
  readonly spread: number;
}

export interface ScoreInput {
  /** Smoothed round-trip time in ms; undefined before one was measured. */
  readonly rttMs: number | undefined;
  readonly own: Place | undefined;
  readonly theirs: Place | undefined;
  /** How much of everything it holds and does for us, 0 to 1. */
  readonly load: number;
}

/** One point of round-trip time. */
const RTT_UNIT_MS = 100;
/** What is assumed of a node nobody measured: neither near nor far, so that measured near ones go first and measured far ones last. */
const UNKNOWN_RTT_MS = 100;
/** Above this a round-trip time says only "very far": the score stays finite and comparable. */
const MAX_RTT_MS = 60_000;
/** Half the circumference of the earth, the largest distance there is. */
const HALF_EARTH_KM = 20_015;
const EARTH_RADIUS_KM = 6_371;
/** Distance in points where only zones are known and they differ. */
const OTHER_ZONE = 0.5;

/** The parts of a neighbour's score; each 0 or more, finite, lower is better. */
export function scoreParts(input: ScoreInput, settings: Settings): ScoreParts {
  const rttMs = Math.min(MAX_RTT_MS, Math.max(0, input.rttMs ?? UNKNOWN_RTT_MS));
  return {
    rtt: (settings.weightRtt * rttMs) / RTT_UNIT_MS,
    geography: settings.weightGeography * distance(input.own, input.theirs),
    spread: settings.weightSpread * Math.min(1, Math.max(0, input.load)),
  };
}

/** The score itself. */
export function totalScore({ rtt, geography, spread }: ScoreParts): number {
  return rtt + geography + spread;
}

/** Declared distance, 0 to 1: by coordinates where both have them, else by zones where both have one, else 0. */
function distance(own: Place | undefined, theirs: Place | undefined): number {
  if (own?.coordinates !== undefined && theirs?.coordinates !== undefined) {
    return greatCircleKm(own.coordinates, theirs.coordinates) / HALF_EARTH_KM;
  }
  if (own?.zone === undefined || theirs?.zone === undefined || own.zone === theirs.zone) return 0;
  return OTHER_ZONE;
}

type Coordinates = NonNullable<Place['coordinates']>;

/** Great-circle distance by the haversine formula (Sinnott 1984), which stays exact for near points. */
export function greatCircleKm(a: Coordinates, b: Coordinates): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const haversine = (angle: number) => Math.sin(angle / 2) ** 2;
  const h =
    haversine(radians(b.latitude - a.latitude)) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * haversine(radians(b.longitude - a.longitude));
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}
