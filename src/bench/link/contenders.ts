import { z } from 'zod';
import { KernelError, errorCode, type AnyPluginDefinition } from '../../kernel/index.ts';
import { silentLogger, systemRandom } from '../../kit/index.ts';
import type { BenchSetting } from '../bench.ts';
import type { Piping } from '../transport/pipe.ts';
import { plainTcp } from '../transport/plain-tcp.ts';
import { plainDatagrams } from './plain-datagrams.ts';
import { loadUdx, udx } from './udx.ts';

/** What is measured. */
export interface LinkContender {
  /** Unlike all others of a run. */
  readonly name: string;
  /** `tcp` and `datagrams` are the system's own; `transport` is a plugin, `udx` the package of that name. */
  readonly kind: 'tcp' | 'datagrams' | 'transport' | 'udx';
  /** How it shares a path, where that is chosen: for `tcp` by the route, for a transport by its option. */
  readonly congestion?: string;
  /** Place of a transport's plugin among the setting's. */
  readonly plugin?: number;
}

/** TCP as the system has it, under each congestion control that it is compared with. The first is the reference. */
export const SYSTEM_TCP: readonly LinkContender[] = ['bbr', 'cubic'].map((congestion) => ({
  name: `plain TCP, ${congestion}`,
  kind: 'tcp',
  congestion,
}));
/** TCP under whatever congestion control is the system's default: over the loopback it makes no difference. */
export const PLAIN_TCP: LinkContender = { name: 'plain TCP', kind: 'tcp' };
/** Datagrams without any protocol. */
export const PLAIN_DATAGRAMS: LinkContender = { name: 'bare dgram', kind: 'datagrams' };
const UDX: LinkContender = { name: 'udx-native (npm)', kind: 'udx' };

/** Transports that share a path by rules of their own, once for each that their option `congestion` has. All others are TCP over a link. */
export function ownCongestion({ plugins }: BenchSetting): readonly LinkContender[] {
  return plugins.flatMap((definition, plugin) =>
    definition.kind === 'transport'
      ? congestionsOf(definition).map((congestion): LinkContender => ({
          name: `${definition.name}, ${congestion}`,
          kind: 'transport',
          congestion,
          plugin,
        }))
      : [],
  );
}

/** The first of each transport: where nothing is sent, congestion control makes no difference. */
export function onePerTransport(contenders: readonly LinkContender[]): readonly LinkContender[] {
  const first = new Map(contenders.toReversed().map((contender) => [contender.plugin, contender]));
  return contenders.filter((contender) => first.get(contender.plugin) === contender);
}

/** The package `udx-native`, where it is installed. */
export async function udxWhereInstalled(): Promise<readonly LinkContender[]> {
  try {
    await loadUdx();
    return [UDX];
  } catch (error) {
    if (errorCode(error) === 'ERR_NOT_INSTALLED') return [];
    throw error;
  }
}

/** What a contender is at work, in a process of its own. */
export async function openPiping(contender: LinkContender, setting: BenchSetting): Promise<Piping> {
  const { kind, name, congestion, plugin = -1 } = contender;
  if (kind === 'tcp') return plainTcp();
  if (kind === 'datagrams') return plainDatagrams();
  if (kind === 'udx') return udx(await loadUdx(), setting.clock);
  const definition = setting.plugins[plugin];
  if (definition?.kind !== 'transport') throw new RangeError(`there is no transport at ${plugin}`);
  const parsed = definition.options.safeParse({ congestion });
  if (!parsed.success) throw new KernelError('ERR_PLUGIN', `${name} refuses its options: ${parsed.error.message}`);
  const { clock, environment } = setting;
  return definition.create(parsed.data, {
    clock,
    environment,
    // Both ends draw ids and tokens, which must not be the same.
    random: systemRandom(),
    logger: silentLogger(),
    stderr: { isTerminal: false, write: () => undefined },
    onClose: () => undefined,
  });
}

/** The values of the option `congestion`; none where a transport has no such option. */
function congestionsOf({ options }: AnyPluginDefinition): readonly string[] {
  const { properties = {} } = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' });
  const option = properties['congestion'];
  const values = typeof option === 'object' ? (option.enum ?? []) : [];
  return values.filter((value) => typeof value === 'string');
}
