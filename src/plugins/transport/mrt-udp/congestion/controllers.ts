import type { Random } from '../../../../kernel/index.ts';
import { Bbr } from './bbr.ts';
import type { CongestionFactory } from './controller.ts';
import { Cubic } from './cubic.ts';

/** The congestion controllers there are, by name. */
export const CONGESTION_NAMES = ['bbr', 'cubic'] as const;
export type CongestionName = (typeof CONGESTION_NAMES)[number];

/** What makes the controller of that name. */
export function congestionFactory(name: CongestionName, random: Random): CongestionFactory {
  return name === 'cubic' ? (path) => new Cubic(path) : (path) => new Bbr({ ...path, random });
}
