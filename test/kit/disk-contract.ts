import type { Disk, DiskEntry } from '../../src/kernel/index.ts';
import { errorCode, type ErrorCode } from '../../src/kernel/index.ts';

/** A disk under test, empty, and what no Disk does but a person may. */
export interface DiskFixture {
  create(): Promise<{ readonly disk: Disk; link(path: string): Promise<void> }>;
}

export interface DiskCase {
  readonly name: string;
  run(fixture: DiskFixture): Promise<void>;
}

const text = (content: string) => new TextEncoder().encode(content);

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => errorCode(error),
  );
}

/** Expects each of these to fail with the code. They run at once, so that none is left without somebody who looks. */
async function expectAll(code: ErrorCode, works: readonly Promise<unknown>[]): Promise<void> {
  expect(await Promise.all(works.map(codeOf))).toEqual(works.map(() => code));
}

async function write(disk: Disk, path: string, content: string): Promise<void> {
  await using file = await disk.open(path, 'create');
  await file.write(0, [text(content)]);
}

async function read(disk: Disk, path: string): Promise<string> {
  await using file = await disk.open(path, 'read');
  return new TextDecoder().decode(await file.read(0, 1_000));
}

function sorted(entries: readonly DiskEntry[]): string[] {
  return entries.map(({ name, kind }) => `${kind} ${name}`).sort();
}

const UNWANTED_PATHS = ['/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/./b'];

/** What every Disk does: the contract of src/kernel/disk.ts as a list. */
export const diskContract: readonly DiskCase[] = [
  {
    name: 'reads back what was written, in an array of its own',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await using file = await disk.open('a', 'create');
      await file.write(0, [text('hello')]);
      const bytes = await file.read(1, 3);
      expect(bytes).toEqual(text('ell'));
      expect(bytes.buffer.byteLength).toBe(3);
    },
  },
  {
    name: 'writes several arrays one behind the other, however many there are, and empty ones too',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await using file = await disk.open('a', 'create');
      await file.write(1, [text('a'), text(''), text('bc'), text('')]);
      expect(await file.read(0, 10)).toEqual(Uint8Array.of(0, 97, 98, 99));
      // More than a system takes in one call.
      const many = Array.from({ length: 3_000 }, (_, index) => Uint8Array.of(index % 251, index % 13));
      await file.write(0, many);
      expect(await file.read(0, 10_000)).toEqual(Uint8Array.from(many.flatMap((pair) => [...pair])));
      await file.write(2, []);
      await file.write(6_000, [text('')]);
      expect((await file.stat()).size).toBe(6_000);
    },
  },
  {
    name: 'reads less only at the end of the file, and nothing behind it',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await using file = await disk.open('a', 'create');
      await file.write(0, [text('hello')]);
      expect(await file.read(3, 100)).toEqual(text('lo'));
      expect(await file.read(5, 100)).toEqual(text(''));
      expect(await file.read(500, 100)).toEqual(text(''));
      expect(await file.read(0, 0)).toEqual(text(''));
    },
  },
  {
    name: 'fills a gap before what is written with zeros',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await using file = await disk.open('a', 'create');
      await file.write(2, [text('x')]);
      expect(await file.read(0, 10)).toEqual(Uint8Array.of(0, 0, 120));
    },
  },
  {
    name: 'truncates, and what grows again is zeros',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await using file = await disk.open('a', 'create');
      await file.write(0, [text('hello')]);
      await file.truncate(1);
      await file.truncate(3);
      expect(await file.read(0, 10)).toEqual(Uint8Array.of(104, 0, 0));
    },
  },
  {
    name: 'opens with "read" only what is there',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      expect(await codeOf(disk.open('a', 'read'))).toBe('ERR_NOT_FOUND');
      expect(await codeOf(disk.open('no/a', 'read'))).toBe('ERR_NOT_FOUND');
      await disk.makeDirectory('directory');
      expect(await codeOf(disk.open('directory', 'read'))).toBe('ERR_NOT_FOUND');
    },
  },
  {
    name: 'opens with "write" what is there, content kept, or makes it',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      for (const content of ['one', 'two']) {
        await using file = await disk.open('a', 'write');
        const { size } = await file.stat();
        await file.write(size, [text(content)]);
      }
      expect(await read(disk, 'a')).toBe('onetwo');
      expect(await codeOf(disk.open('no/a', 'write'))).toBe('ERR_NOT_FOUND');
    },
  },
  {
    name: 'opens with "create" only what is not there',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'a', 'kept');
      await disk.makeDirectory('b');
      expect(await codeOf(disk.open('a', 'create'))).toBe('ERR_EXISTS');
      expect(await codeOf(disk.open('b', 'create'))).toBe('ERR_EXISTS');
      expect(await read(disk, 'a')).toBe('kept');
    },
  },
  {
    name: 'makes small files whole, many at once, and tells of each as a look at it does',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await disk.makeDirectory('directory');
      const paths = Array.from({ length: 100 }, (_, n) => `directory/${n}`);
      const bytes = text('kept');
      const stats = await Promise.all(paths.map((path) => disk.make(path, bytes)));
      expect(bytes).toEqual(text('kept'));
      expect(await Promise.all(paths.map((path) => disk.stat(path)))).toEqual(stats);
      expect(await Promise.all(paths.map((path) => read(disk, path)))).toEqual(paths.map(() => 'kept'));
      expect(stats[0]).toMatchObject({ kind: 'file', size: 4 });
      await disk.make('empty', text(''));
      expect(await read(disk, 'empty')).toBe('');
    },
  },
  {
    name: 'makes a file only where nothing is, and fails with that one alone',
    run: async (fixture) => {
      const { disk, link } = await fixture.create();
      await write(disk, 'a', 'kept');
      await disk.makeDirectory('b');
      await link('c');
      const codes = ['a', 'b', 'c', 'no/d', '../e', 'f'].map((path) => codeOf(disk.make(path, text('new'))));
      expect(await Promise.all(codes)).toEqual([
        'ERR_EXISTS',
        'ERR_EXISTS',
        'ERR_LINK_REFUSED',
        'ERR_NOT_FOUND',
        'ERR_NAME',
        undefined,
      ]);
      expect(await read(disk, 'a')).toBe('kept');
      expect(await read(disk, 'f')).toBe('new');
    },
  },
  {
    name: 'reads the first bytes of files, many at once, with what a look at each tells',
    run: async (fixture) => {
      const { disk, link } = await fixture.create();
      const paths = Array.from({ length: 100 }, (_, n) => `${n}`);
      await Promise.all(paths.map((path) => write(disk, path, `content ${path}`)));
      const found = await Promise.all(paths.map((path) => disk.read(path, 9)));
      expect(found.map(({ bytes }) => bytes)).toEqual(paths.map((path) => text(`content ${path}`.slice(0, 9))));
      expect(await Promise.all(paths.map((path) => disk.stat(path)))).toEqual(found.map(({ stat }) => stat));
      expect((await disk.read('7', 100)).bytes).toEqual(text('content 7'));
      expect((await disk.read('7', 100)).bytes.buffer.byteLength).toBe(9);
      await disk.makeDirectory('directory');
      await link('link');
      const codes = ['no', 'no/a', 'directory', 'link', '../a', '1'].map((path) => codeOf(disk.read(path, 9)));
      expect(await Promise.all(codes)).toEqual([
        'ERR_NOT_FOUND',
        'ERR_NOT_FOUND',
        'ERR_NOT_FOUND',
        'ERR_LINK_REFUSED',
        'ERR_NAME',
        undefined,
      ]);
    },
  },
  {
    name: 'looks at many entries at once as at one',
    run: async (fixture) => {
      const { disk, link } = await fixture.create();
      await write(disk, 'a', 'hello');
      await disk.makeDirectory('b');
      await link('c');
      const paths = ['a', 'b', 'c', 'd', 'no/d', 'a/b', 'b/d', ''];
      const found = await Promise.all(paths.map((path) => disk.stat(path)));
      expect(found.map((stat) => stat?.kind)).toEqual([
        'file',
        'directory',
        'other',
        undefined,
        undefined,
        undefined,
        undefined,
        'directory',
      ]);
      expect(found[0]).toEqual(await disk.stat('a'));
      await expectAll(
        'ERR_LINK_REFUSED',
        ['c/a', 'c/b', 'c/d'].map((path) => disk.stat(path)),
      );
      await expectAll(
        'ERR_NAME',
        UNWANTED_PATHS.map((path) => disk.stat(path)),
      );
    },
  },
  {
    name: 'moves what was made, also over many names at once, and never over what is there',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'taken', 'kept');
      await Promise.all(['a', 'b'].map((path) => disk.make(path, text(path))));
      const moves = [
        disk.rename('a', 'new/a', { replace: false, scratch: true }),
        disk.rename('b', 'taken', { replace: false, scratch: true }),
      ];
      expect(await Promise.all(moves.map(codeOf))).toEqual([undefined, 'ERR_EXISTS']);
      expect([await read(disk, 'new/a'), await read(disk, 'taken'), await read(disk, 'b')]).toEqual(['a', 'kept', 'b']);
    },
  },
  {
    name: 'refuses to open a directory for writing',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await disk.makeDirectory('a');
      expect(await codeOf(disk.open('a', 'write'))).toBe('ERR_NAME_NOT_STORABLE');
    },
  },
  {
    name: 'refuses to change a file that is open for reading',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'a', 'kept');
      await using file = await disk.open('a', 'read');
      expect(await codeOf(file.write(0, [text('x')]))).toBe('ERR_ACCESS_DENIED');
      expect(await codeOf(file.truncate(0))).toBe('ERR_ACCESS_DENIED');
      expect(await read(disk, 'a')).toBe('kept');
    },
  },
  {
    name: 'closes a file twice, and then refuses everything with ERR_CLOSED',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      const file = await disk.open('a', 'create');
      await file.close();
      await file.close();
      await expectAll('ERR_CLOSED', [
        file.read(0, 1),
        file.write(0, [text('x')]),
        file.truncate(0),
        file.sync(),
        file.stat(),
      ]);
    },
  },
  {
    name: 'goes on reading an open file that was replaced: its old content',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'a', 'old');
      await write(disk, 'b', 'new');
      await using file = await disk.open('a', 'read');
      await disk.rename('b', 'a', { replace: true });
      expect(await file.read(0, 10)).toEqual(text('old'));
      expect(await read(disk, 'a')).toBe('new');
    },
  },
  ...UNWANTED_PATHS.map((path): DiskCase => ({
    name: `refuses the path ${path} everywhere`,
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'f', '');
      await expectAll('ERR_NAME', [
        disk.open(path, 'write'),
        disk.rename('f', path, { replace: true }),
        disk.rename(path, 'f', { replace: true }),
        disk.remove(path),
        disk.stat(path),
        disk.list(path),
        disk.makeDirectory(path),
        disk.watch(path, { signal: new AbortController().signal })[Symbol.asyncIterator]().next(),
      ]);
    },
  })),
  {
    name: 'refuses to open, move or remove the root',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'f', '');
      await expectAll('ERR_NAME', [
        disk.open('', 'read'),
        disk.rename('f', '', { replace: true }),
        disk.rename('', 'f', { replace: true }),
        disk.remove(''),
      ]);
    },
  },
  ...['a\0b', 'x'.repeat(256), '\ud800'].map((name): DiskCase => ({
    name: `says that no file can be named ${JSON.stringify(name).slice(0, 20)}`,
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'f', '');
      await expectAll('ERR_NAME_NOT_STORABLE', [
        disk.open(name, 'create'),
        disk.makeDirectory(`directory/${name}`),
        disk.rename('f', name, { replace: true }),
        disk.stat(name),
      ]);
      expect(sorted(await disk.list(''))).toEqual(['file f']);
    },
  })),
  {
    name: 'holds names with blanks, accents, emoji, quotes and line breaks, byte by byte',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      const names = [' a ', '\u00e9', 'e\u0301', '🙂', '"', "'", 'a\nb', '^&%', '-rf', 'x'.repeat(255)];
      for (const name of names) await write(disk, name, name);
      expect((await disk.list('')).map(({ name }) => name).sort()).toEqual([...names].sort());
      for (const name of names) expect(await read(disk, name)).toBe(name);
    },
  },
  {
    name: 'tells nothing of what is not there, below a file either',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'f', '');
      for (const path of ['a', 'a/b', 'f/b']) expect(await disk.stat(path)).toBeUndefined();
    },
  },
  {
    name: 'tells kind, size and identity, the same by path and by open file',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await disk.makeDirectory('d');
      await write(disk, 'd/f', 'four');
      await using file = await disk.open('d/f', 'read');
      const stat = await disk.stat('d/f');
      expect(stat).toEqual(await file.stat());
      expect(stat).toMatchObject({ kind: 'file', size: 4 });
      expect((await disk.stat(''))?.kind).toBe('directory');
      expect((await disk.stat('d'))?.kind).toBe('directory');
      expect((await disk.stat('d'))?.inode).not.toBe(stat?.inode);
    },
  },
  {
    name: 'keeps identity and date of a file that is moved',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'a', 'x');
      const before = await disk.stat('a');
      await disk.rename('a', 'b', { replace: false });
      expect(await disk.stat('b')).toEqual(before);
    },
  },
  {
    name: 'moves a file and makes the missing directories',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'a', 'x');
      await disk.rename('a', 'b/c/d', { replace: false });
      expect(await read(disk, 'b/c/d')).toBe('x');
      expect(await disk.stat('a')).toBeUndefined();
    },
  },
  {
    name: 'moves a file from a place that is cleared after a power cut',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await disk.makeDirectory('scratch');
      await write(disk, 'scratch/a', 'x');
      await write(disk, 'b', 'y');
      expect(await codeOf(disk.rename('scratch/a', 'b', { replace: false, scratch: true }))).toBe('ERR_EXISTS');
      expect(await codeOf(disk.rename('scratch/no', 'c', { replace: false, scratch: true }))).toBe('ERR_NOT_FOUND');
      await disk.rename('scratch/a', 'd/a', { replace: false, scratch: true });
      expect([await read(disk, 'd/a'), await disk.list('scratch')]).toEqual(['x', []]);
    },
  },
  {
    name: 'replaces on request only',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'a', 'new');
      await write(disk, 'b', 'old');
      expect(await codeOf(disk.rename('a', 'b', { replace: false }))).toBe('ERR_EXISTS');
      expect([await read(disk, 'a'), await read(disk, 'b')]).toEqual(['new', 'old']);
      await disk.rename('a', 'b', { replace: true });
      expect(await read(disk, 'b')).toBe('new');
      expect(sorted(await disk.list(''))).toEqual(['file b']);
    },
  },
  {
    name: 'lets one of two moves to a free name win',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'a', 'a');
      await write(disk, 'b', 'b');
      const codes = await Promise.all(['a', 'b'].map((from) => codeOf(disk.rename(from, 'c', { replace: false }))));
      expect(codes.map(String).sort()).toEqual(['ERR_EXISTS', 'undefined']);
      expect(await disk.list('')).toHaveLength(2);
    },
  },
  ...[true, false].map((replace): DiskCase => ({
    name: `lets one of two moves of the same file win, ${replace ? 'replacing' : 'to free names'}`,
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'a', 'x');
      const codes = await Promise.all(['b', 'd/c'].map((to) => codeOf(disk.rename('a', to, { replace }))));
      expect(codes.map(String).sort()).toEqual(['ERR_NOT_FOUND', 'undefined']);
      const places = await Promise.all(['a', 'b', 'd/c'].map((path) => disk.stat(path)));
      expect(places.filter((place) => place !== undefined)).toHaveLength(1);
    },
  })),
  {
    name: 'moves neither what is missing nor a directory, nor over one',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'f', '');
      await disk.makeDirectory('d');
      expect(await codeOf(disk.rename('no', 'x', { replace: true }))).toBe('ERR_NOT_FOUND');
      expect(await codeOf(disk.rename('d', 'x', { replace: true }))).toBe('ERR_NOT_FOUND');
      expect(await codeOf(disk.rename('f', 'd', { replace: true }))).toBe('ERR_NAME_NOT_STORABLE');
      expect(await codeOf(disk.rename('f', 'd', { replace: false }))).toBe('ERR_EXISTS');
    },
  },
  {
    name: 'makes no directory where a file is in the way',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'f', '');
      await write(disk, 'g', '');
      expect(await codeOf(disk.makeDirectory('f'))).toBe('ERR_NAME_NOT_STORABLE');
      expect(await codeOf(disk.makeDirectory('f/d'))).toBe('ERR_NAME_NOT_STORABLE');
      expect(await codeOf(disk.rename('g', 'f/x', { replace: true }))).toBe('ERR_NAME_NOT_STORABLE');
    },
  },
  {
    name: 'makes a directory that is there, and several at once',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await Promise.all([disk.makeDirectory('a/b/c'), disk.makeDirectory('a/b/d'), disk.makeDirectory('a/b/c')]);
      expect(sorted(await disk.list('a/b'))).toEqual(['directory c', 'directory d']);
      await disk.makeDirectory('');
    },
  },
  {
    name: 'removes files and empty directories, and nothing where there is none',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await disk.makeDirectory('d');
      await write(disk, 'd/f', '');
      expect(await codeOf(disk.remove('d'))).toBe('ERR_EXISTS');
      await disk.remove('d/f');
      await disk.remove('d');
      await disk.remove('d');
      await disk.remove('d/f');
      expect(await disk.list('')).toEqual([]);
    },
  },
  {
    name: 'lists only directories that are there',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await write(disk, 'f', '');
      expect(await codeOf(disk.list('no'))).toBe('ERR_NOT_FOUND');
      expect(await codeOf(disk.list('f'))).toBe('ERR_NOT_FOUND');
    },
  },
  {
    name: 'lists a link as other and follows it in no part of a path',
    run: async (fixture) => {
      const { disk, link } = await fixture.create();
      await write(disk, 'f', 'x');
      await link('l');
      expect(sorted(await disk.list(''))).toEqual(['file f', 'other l']);
      expect((await disk.stat('l'))?.kind).toBe('other');
      await expectAll('ERR_LINK_REFUSED', [
        disk.open('l', 'read'),
        disk.open('l', 'write'),
        disk.open('l', 'create'),
        disk.open('l/x', 'create'),
        disk.rename('l', 'x', { replace: true }),
        disk.rename('f', 'l', { replace: true }),
        disk.rename('f', 'l', { replace: false }),
        disk.rename('f', 'l/x', { replace: false }),
        disk.rename('f', 'l/x/y', { replace: false }),
        disk.remove('l'),
        disk.remove('l/x'),
        disk.stat('l/x'),
        disk.list('l'),
        disk.list('l/x'),
        disk.makeDirectory('l'),
        disk.makeDirectory('l/x'),
      ]);
      expect(sorted(await disk.list(''))).toEqual(['file f', 'other l']);
    },
  },
  {
    name: 'watches the entries of one directory until the signal aborts',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await disk.makeDirectory('d');
      const controller = new AbortController();
      const names = disk.watch('d', { signal: controller.signal })[Symbol.asyncIterator]();
      expect(await changeUntilSeen(disk, 'd/f', names)).toBe('f');
      const rest = drain(names);
      controller.abort();
      await rest;
    },
  },
  {
    name: 'ends a watch when the directory goes, and at once where there is none',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      await disk.makeDirectory('d');
      const { signal } = new AbortController();
      const names = disk.watch('d', { signal })[Symbol.asyncIterator]();
      await changeUntilSeen(disk, 'd/f', names);
      const rest = drain(names);
      await disk.remove('d/f');
      await disk.remove('d');
      await rest;
      await drain(disk.watch('no', { signal })[Symbol.asyncIterator]());
      await drain(disk.watch('d', { signal: AbortSignal.abort() })[Symbol.asyncIterator]());
    },
  },
  {
    name: 'knows how many bytes are free',
    run: async (fixture) => {
      const { disk } = await fixture.create();
      expect(await disk.freeBytes()).toBeGreaterThan(0);
    },
  },
];

/** Changes a file until its watch says so: when a watch begins to see is the system's affair. */
async function changeUntilSeen(disk: Disk, path: string, names: AsyncIterator<string>): Promise<string | undefined> {
  let seen: IteratorResult<string> | undefined;
  const first = names.next().then((result) => (seen = result));
  for (let length = 0; seen === undefined; length++) {
    await using file = await disk.open(path, 'write');
    await file.truncate(length % 1_000);
  }
  return (await first).value as string | undefined;
}

async function drain(names: AsyncIterator<string>): Promise<void> {
  while ((await names.next()).done !== true);
}
