import { z } from 'zod';
import { definePlugin, isPlugin, isPluginUse } from '../../src/kernel/index.ts';
import { silentLogger } from '../../src/kit/index.ts';

const plugin = definePlugin({
  name: 'quiet',
  kind: 'logger',
  about: 'for tests',
  options: z.strictObject({ level: z.string().default('info') }),
  create: () => silentLogger(),
});

describe('definePlugin', () => {
  test('makes a function that, called, fills a slot with options as they are', () => {
    const options = { level: 'warn' };
    const use = plugin(options);
    expect(use.definition).toBe(plugin.definition);
    expect(use.options).toBe(options);
    expect(plugin().options).toEqual({});
  });

  test('tells a plugin from a called one, and both from anything else', () => {
    expect([isPlugin(plugin), isPluginUse(plugin)]).toEqual([true, false]);
    expect([isPlugin(plugin()), isPluginUse(plugin())]).toEqual([false, true]);
    for (const other of [undefined, null, {}, () => undefined, 'quiet', silentLogger()]) {
      expect([isPlugin(other), isPluginUse(other)]).toEqual([false, false]);
    }
  });
});
