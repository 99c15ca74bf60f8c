import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  cipherCompliance,
  loggerCompliance,
  neighbourPriorityCompliance,
  pieceStrategyCompliance,
  transportCompliance,
  type ComplianceCase,
} from '../compliance/index.ts';
import {
  KernelError,
  type Clock,
  type PluginContext,
  type PluginContracts,
  type PluginKind,
  type Random,
} from '../kernel/index.ts';
import { seededRandom, silentLogger } from '../kit/index.ts';
import { describeMistakes, type LoadedPlugin } from './conform-plugins.ts';
import {
  cipherRate,
  neighbourPriorityRate,
  pieceStrategyRate,
  transportRate,
  type Throughput,
} from './conform-rates.ts';

/** The world a plugin is tried in. */
export interface TrialWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: PluginContext['environment'];
  /** A directory for what the plugins keep on disk; each instance gets one in it. */
  readonly directory: string;
}

/** What a plugin is tried with. */
export interface Trial {
  readonly cases: readonly ComplianceCase[];
  /** Measures it; absent for kinds whose speed says nothing. To be called when every case has passed. */
  readonly measure?: () => Promise<Throughput>;
}

/** The suite of the plugin's kind, over instances made as the file's `conformance` says. */
export function trialOf(plugin: LoadedPlugin, world: TrialWorld): Trial {
  const { kind } = plugin.definition;
  if (!Object.hasOwn(trials, kind))
    throw new KernelError('ERR_PLUGIN', `there is no plugin kind ${JSON.stringify(kind)}`);
  return (trials[kind] as (maker: Maker<PluginKind>) => Trial)(new Maker(plugin, world));
}

const trials: { readonly [Kind in PluginKind]: (maker: Maker<Kind>) => Trial } = {
  transport: (maker) => {
    const { listen = () => '127.0.0.1:0', nobody = () => '127.0.0.1:9' } = maker.plugin.conformance;
    const { clock } = maker.world;
    const create = async () => maker.make();
    return {
      cases: transportCompliance({ clock, create, address: listen, nobody }),
      measure: () => transportRate(create, listen(), clock),
    };
  },
  cipher: (maker) => ({
    cases: cipherCompliance({ create: () => maker.make() }),
    measure: async () => cipherRate(maker.make(), maker.world.clock),
  }),
  neighbourPriority: (maker) => {
    const { balanced = true } = maker.plugin.conformance;
    const { clock } = maker.world;
    return {
      cases: neighbourPriorityCompliance({ create: () => maker.make(), balanced, clock }),
      measure: async () => neighbourPriorityRate(maker.make(), maker.world),
    };
  },
  pieceStrategy: (maker) => {
    // The same answers from the same seed: so each instance gets a source of its own.
    const create = () => maker.make({ random: seededRandom(1) });
    return {
      cases: pieceStrategyCompliance({ create }),
      measure: async () => pieceStrategyRate(create(), maker.world.clock),
    };
  },
  logger: (maker) => ({
    cases: loggerCompliance({
      create: (logLevel) => {
        let text = '';
        const stderr = { isTerminal: false, write: (more: string) => void (text += more) };
        const { instance, options, privateDirectory } = maker.makeWith({ logLevel, stderr });
        const { written } = maker.plugin.conformance;
        return {
          logger: instance,
          written: async () => (written === undefined ? text : written(options, privateDirectory)),
        };
      },
    }),
  }),
};

/** An instance, and what it was made with. */
interface Made<Kind extends PluginKind> {
  readonly instance: PluginContracts[Kind];
  readonly options: unknown;
  readonly privateDirectory: string;
}

/** Makes instances of one plugin, each with options and a directory of its own. */
class Maker<Kind extends PluginKind> {
  readonly plugin: LoadedPlugin;
  readonly world: TrialWorld;
  #made = 0;

  constructor(plugin: LoadedPlugin, world: TrialWorld) {
    this.plugin = plugin;
    this.world = world;
  }

  make(context: Partial<PluginContext> = {}): PluginContracts[Kind] {
    return this.makeWith(context).instance;
  }

  makeWith(changes: Partial<PluginContext>): Made<Kind> {
    const { definition, conformance } = this.plugin;
    const { clock, random, environment, directory } = this.world;
    const privateDirectory = join(directory, `${definition.kind}-${definition.name}-${this.#made++}`);
    mkdirSync(privateDirectory, { recursive: true });
    const { options } = conformance;
    const given: unknown = typeof options === 'function' ? (options as () => unknown)() : options;
    const parsed = definition.options.safeParse(given ?? {});
    if (!parsed.success) {
      throw new KernelError('ERR_PLUGIN', `${definition.name} refuses its options: ${describeMistakes(parsed.error)}`);
    }
    const context: PluginContext = {
      clock,
      random,
      environment,
      privateDirectory,
      logger: silentLogger(),
      stderr: { isTerminal: false, write: () => undefined },
      onClose: () => undefined,
      ...changes,
    };
    // A definition of a kind makes that kind; the union over all kinds has lost the tie.
    const instance = definition.create(parsed.data, context) as PluginContracts[Kind];
    return { instance, options: parsed.data, privateDirectory };
  }
}
