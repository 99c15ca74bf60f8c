import type { NodeIndex } from '../../src/kernel/index.ts';

export interface IndexCase {
  readonly name: string;
  run(index: NodeIndex): Promise<void>;
}

/** What the node does with its index, on an empty one. */
export const indexContract: readonly IndexCase[] = [
  {
    name: 'keeps JSON values in sublevels, apart from each other and in order of the keys',
    run: async (index) => {
      const files = index.sublevel<string, object>('files', { valueEncoding: 'json' });
      const peers = index.sublevel<string, object>('peers', { valueEncoding: 'json' });
      await files.batch([
        { type: 'put', key: 'b', value: { size: 2 } },
        { type: 'put', key: 'a', value: { size: 1 } },
      ]);
      await peers.put('a', { address: '192.0.2.7:4000' });
      expect(await files.iterator().all()).toEqual([
        ['a', { size: 1 }],
        ['b', { size: 2 }],
      ]);
      expect(await peers.get('a')).toEqual({ address: '192.0.2.7:4000' });
      expect(await peers.get('b')).toBeUndefined();
      await index.close();
    },
  },
  {
    name: 'writes to several sublevels in one batch',
    run: async (index) => {
      const files = index.sublevel<string, object>('files', { valueEncoding: 'json' });
      const peers = index.sublevel<string, object>('peers', { valueEncoding: 'json' });
      await index.batch<string, object>(
        [
          { type: 'put', sublevel: files, key: 'a', value: { size: 1 } },
          { type: 'put', sublevel: peers, key: 'b', value: { rank: 1 } },
        ],
        { valueEncoding: 'json' },
      );
      expect([await files.get('a'), await peers.get('b')]).toEqual([{ size: 1 }, { rank: 1 }]);
      await index.close();
    },
  },
  {
    name: 'keeps its content when it is closed and opened again',
    run: async (index) => {
      await index.put('key', 'value');
      await index.close();
      await index.open();
      expect(await index.get('key')).toBe('value');
      await index.close();
    },
  },
];
