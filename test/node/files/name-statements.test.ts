import {
  allOf,
  find,
  withStatement,
  withoutStatement,
  type NameStatements,
} from '../../../src/node/files/name-statements.ts';
import { hex32, record, statement } from '../messages/samples.ts';

const said = (digit: string, user = 'ann') => statement({ origin: hex32(digit), record: record({ user }) });

/** Statements on one name, entered one after the other. */
function entered(statements: ReturnType<typeof said>[]): NameStatements | undefined {
  return statements.reduce<NameStatements | undefined>((all, each) => withStatement(all, each), undefined);
}

const DIGITS = Array.from({ length: 16 }, (_, digit) => digit.toString(16));

describe.each([1, 2, 8, 9, 16])('of %i statements on a name', (count) => {
  const statements = DIGITS.slice(0, count).map((digit) => said(digit));

  test('all are there, in the order they came', () => {
    expect([...allOf(entered(statements))]).toEqual(statements);
  });

  test('each is found by origin and user', () => {
    const all = entered(statements);
    for (const each of statements) expect(find(all, each.origin, 'ann')).toBe(each);
    expect(find(all, statements[0]?.origin ?? '', 'bob')).toBeUndefined();
  });

  test('nothing is left when all were taken out', () => {
    let all = entered(statements);
    for (const [index, each] of statements.entries()) {
      expect([...allOf(all)]).toEqual(statements.slice(index));
      all = all && withoutStatement(all, each);
    }
    expect(all).toBeUndefined();
  });
});

test('one origin may speak of the files of several users', () => {
  const [ann, bob] = [said('a'), said('a', 'bob')];
  const all = entered([ann, bob]);
  expect([find(all, hex32('a'), 'ann'), find(all, hex32('a'), 'bob')]).toEqual([ann, bob]);
});
