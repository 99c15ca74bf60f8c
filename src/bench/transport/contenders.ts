import type { BenchSetting } from '../bench.ts';
import { pluginSubjects } from '../plugin-subjects.ts';

/** What is measured: a transport, bare or with the sessions of a cipher over it. */
export interface Contender {
  /** Unlike all others of a run. */
  readonly name: string;
  /** The transport's name: who is compared. */
  readonly subject: string;
  /** The cipher's name, or BARE: under which condition. */
  readonly layer: string;
  /** Place of the transport among `pluginSubjects`; absent for the plain socket that all are compared with. */
  readonly transport?: number;
  /** Place of the cipher; absent where frames go over the bare transport. */
  readonly cipher?: number;
}

/** What stands for no sessions. */
export const BARE = 'bare';

/** What the transports are compared with. */
export const PLAIN_TCP: Contender = { name: 'plain TCP', subject: 'plain TCP', layer: BARE };

/** Every transport, bare. */
export function bareTransports(setting: BenchSetting): readonly Contender[] {
  return pluginSubjects('transport', setting).map(({ name }, transport) => ({
    name: `${name}, ${BARE}`,
    subject: name,
    layer: BARE,
    transport,
  }));
}

/** A bare transport with the sessions of each cipher over it. */
export function sealedForms(bare: Contender, setting: BenchSetting): readonly Contender[] {
  return pluginSubjects('cipher', setting).map(({ name }, cipher) => ({
    ...bare,
    name: `${bare.subject}, ${name}`,
    layer: name,
    cipher,
  }));
}
