import { complete } from '../../src/cli/complete.ts';
import { FakeNode, OTHER_ID } from './support/fake-node.ts';

const node = new FakeNode();
const [mine] = node.files;
node.files.push({ ...mine!, name: 'notes of bob.txt', holders: [OTHER_ID] }, { ...mine!, name: ' odd' });

describe('complete', () => {
  test.each([
    ['', 12],
    ['s', 3],
    ['GE', 1],
    ['x', 0],
  ])('after %j offers %d commands', async (line, count) => {
    expect((await complete(line, node))[0]).toHaveLength(count);
  });

  test('offers every file for GET, quoted where a line could not carry it', async () => {
    expect((await complete('get ', node))[0]).toEqual(['get notes.txt', 'get notes of bob.txt', 'get " odd"']);
  });

  test('offers for GET the folders of files too, each once', async () => {
    const nested = new FakeNode();
    nested.files.splice(0, 1, { ...mine!, name: 'a/b/c' }, { ...mine!, name: 'a/d' });
    expect((await complete('GET ', nested))[0]).toEqual(['GET a/', 'GET a/b/', 'GET a/b/c', 'GET a/d']);
  });

  test('offers for SEND the files of this folder', async () => {
    expect((await complete('SEND no', node))[0]).toEqual(['SEND notes.txt']);
  });

  test('completes names with blanks', async () => {
    expect((await complete('GET notes o', node))[0]).toEqual(['GET notes of bob.txt']);
  });

  test('offers versions for RESTORE', async () => {
    expect((await complete('RESTORE ', node))[0]).toEqual(['RESTORE 7']);
  });
});
