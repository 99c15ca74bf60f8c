import shipped from '../../../plugins.config.ts';
import {
  comparedProfiles,
  configProfiles,
  leftOut,
  movingProfiles,
  writeTransferConfig,
} from '../../../src/bench/transfer/compared-profiles.ts';
import { transfer } from '../../../src/bench/transfer/index.ts';
import { loadConfig } from '../../../src/cli/load-config.ts';
import { resolveProfile, type AnyPluginDefinition, type Config } from '../../../src/kernel/index.ts';
import { useTemporaryFolder } from '../../cli/support/temporary-folder.ts';
import { benchContext } from '../support/bench-context.ts';

const folder = useTemporaryFolder();

function setting(config: Config) {
  const plugins = config.plugins.map(({ definition }) => definition as unknown as AnyPluginDefinition);
  return benchContext(transfer, { config, plugins });
}

const names = (compared: readonly { readonly name: string }[]) => compared.map(({ name }) => name);

test('of the shipped config lan is compared, with and without its cipher, and the default', () => {
  const profiles = comparedProfiles(setting(shipped));
  expect(names(movingProfiles(profiles))).toEqual(['lan', 'lan without cipher', 'default']);
  expect(names(configProfiles(profiles))).toEqual(['lan', 'default']);
  expect(leftOut(profiles, setting(shipped))).toEqual([
    expect.stringMatching(/^Left out are other profiles.*portable/),
  ]);
});

test('of a config without lan its default is compared, alone', () => {
  const { default: usual } = shipped.profiles;
  const profiles = comparedProfiles(setting({ ...shipped, profiles: { mine: usual! }, defaultProfile: 'mine' }));
  expect(names(movingProfiles(profiles))).toEqual(['mine', 'mine without cipher']);
});

test('a config in which every cipher encrypts is measured with it, and the report says so', () => {
  const plugins = shipped.plugins.filter(({ definition }) => definition.kind !== 'cipher');
  const sealed = setting({ ...shipped, plugins });
  const profiles = comparedProfiles(sealed);
  expect(names(movingProfiles(profiles))).toEqual(['lan', 'default']);
  expect(leftOut(profiles, sealed)).toContainEqual(expect.stringContaining('Left out is lan without cipher'));
});

test('the nodes’ config differs in what is compared alone: no cipher, a bound on sending, and copies for nobody', async () => {
  const profiles = comparedProfiles(setting(shipped));
  const path = await writeTransferConfig(folder.path, { profiles, rate: 12_345, configFile: undefined });
  const { config } = await loadConfig(path);
  const of = (name: string) => resolveProfile(config, name);
  const original = resolveProfile(shipped, 'lan');
  expect(of('lan').slots.cipher.definition.name).toBe(original.slots.cipher.definition.name);
  expect(of(profiles.open!.profile).slots.cipher.definition.name).toBe(profiles.open!.cipher);
  expect(of(profiles.open!.profile).slots.transport.definition.name).toBe(original.slots.transport.definition.name);
  expect(of(profiles.limited.profile).settings).toEqual({ ...original.settings, replicas: 0, uploadRate: 12_345 });
  for (const name of Object.keys(shipped.profiles)) expect(of(name).settings.replicas).toBe(0);
});
