import { resolveProfile, type Config } from '../../kernel/index.ts';
import type { BenchContext, BenchSetting } from '../bench.ts';
import { profilesWith, writeDerivedConfig } from '../derived-config.ts';
import { pluginSubjects } from '../plugin-subjects.ts';

/** A profile by which nodes move files. */
export interface ComparedProfile {
  /** What reports call it. */
  readonly name: string;
  /** What the config that `writeTransferConfig` makes calls it. */
  readonly profile: string;
}

export interface ComparedProfiles {
  /** For machines of one network: what is measured where one profile is enough. */
  readonly first: ComparedProfile;
  /** The first without encryption; absent where the config has no cipher that leaves all as it is. */
  readonly open: (ComparedProfile & { readonly cipher: string }) | undefined;
  /** The profile of the config that is taken where none is asked for; absent where that is the first. */
  readonly usual: ComparedProfile | undefined;
  /** The first, with a bound on what a node sends. */
  readonly limited: ComparedProfile;
}

/** The profile that is compared beside the usual one, in a config that has it. */
const LAN = 'lan';
const OPEN = 'bench-open';
const LIMITED = 'bench-limited';

/** What of a config is compared. The ciphers are looked at, since none says by its name that it encrypts nothing. */
export function comparedProfiles(setting: BenchSetting): ComparedProfiles {
  const { profiles, defaultProfile } = setting.config as Config;
  const first = Object.hasOwn(profiles, LAN) ? LAN : defaultProfile;
  const used = resolveProfile(setting.config, first).slots.cipher.definition;
  const keyless = pluginSubjects('cipher', setting).find(
    ({ create, definition }) => definition !== used && create().keyLength === 0,
  );
  return {
    first: { name: first, profile: first },
    open: keyless && { name: `${first} without cipher`, profile: OPEN, cipher: keyless.definition.name },
    usual: first === defaultProfile ? undefined : { name: defaultProfile, profile: defaultProfile },
    limited: { name: first, profile: LIMITED },
  };
}

/** All that move whole files, in the order shown. */
export function movingProfiles({ first, open, usual }: ComparedProfiles): readonly ComparedProfile[] {
  return [first, open, usual].filter((each) => each !== undefined);
}

/** Those of them that the config has as they are. */
export function configProfiles({ first, usual }: ComparedProfiles): readonly ComparedProfile[] {
  return [first, usual].filter((each) => each !== undefined);
}

/** Sentences on what is left out. */
export function leftOut({ first, open, usual }: ComparedProfiles, setting: BenchSetting): readonly string[] {
  const { profiles } = setting.config as Config;
  const others = Object.keys(profiles).filter((name) => name !== first.profile && name !== usual?.profile);
  const notes = others.length === 0 ? [] : [`Left out are other profiles of the config: ${others.join(', ')}.`];
  if (open === undefined)
    notes.push(`Left out is ${first.name} without cipher: the config has no other cipher that leaves all as it is.`);
  return notes;
}

/** Writes the config that the nodes are started with, in which nobody keeps copies for others unasked. Returns its path. */
export function writeTransferConfig(
  directory: string,
  { profiles: { first, open, limited }, rate, configFile }: TransferConfigOptions,
): Promise<string> {
  const about = 'Derived for a bench.';
  const bounded = { extends: first.profile, about, settings: { uploadRate: rate } };
  const derived = [`${JSON.stringify(limited.profile)}: ${JSON.stringify(bounded)}`];
  if (open !== undefined) {
    const isIt = `({ definition: { kind, name } }) => kind === 'cipher' && name === ${JSON.stringify(open.cipher)}`;
    const parts = [
      `extends: ${JSON.stringify(first.profile)}`,
      `about: '${about}'`,
      `cipher: base.plugins.find(${isIt})()`,
    ];
    derived.push(`${JSON.stringify(open.profile)}: { ${parts.join(', ')} }`);
  }
  const profiles = `{ ...${profilesWith({ replicas: 0 })}, ${derived.join(', ')} }`;
  return writeDerivedConfig(directory, { configFile, name: 'transfer', profiles });
}

export interface TransferConfigOptions {
  readonly profiles: ComparedProfiles;
  /** What a node of the limited profile sends at most, in bytes a second. */
  readonly rate: number;
  readonly configFile: BenchContext['program']['config'];
}
