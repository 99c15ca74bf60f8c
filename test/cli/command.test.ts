import fc from 'fast-check';
import { COMMANDS, commandLine, parseCommand } from '../../src/cli/command.ts';

describe('parseCommand', () => {
  test.each([
    ['LIST', { type: 'LIST' }],
    ['list', { type: 'LIST' }],
    ['  Peers\t', { type: 'PEERS' }],
    ['ADD 127.0.0.1:4000', { type: 'ADD', address: '127.0.0.1:4000' }],
    ['get  two  words.txt  ', { type: 'GET', file: 'two  words.txt' }],
    ['GET notes.txt@ann', { type: 'GET', file: 'notes.txt@ann' }],
    ['SEND "a"b"c', { type: 'SEND', file: '"a"b"c' }],
    ['GET " starts with a blank"', { type: 'GET', file: ' starts with a blank' }],
    ['GET "two\\nlines"', { type: 'GET', file: 'two\nlines' }],
    ['GET "', { type: 'GET', file: '"' }],
    ['VERSIONS', { type: 'VERSIONS', file: undefined }],
    ['VERSIONS a.txt', { type: 'VERSIONS', file: 'a.txt' }],
    ['RESTORE 12', { type: 'RESTORE', version: '12' }],
    ['bye', { type: 'BYE' }],
  ])('reads %j', (line, command) => {
    expect(parseCommand(line)).toEqual(command);
  });

  test.each([
    ['', 'an empty line is no command'],
    ['   ', 'an empty line is no command'],
    ['FETCH x', 'unknown command "FETCH"'],
    ['GET', 'expected GET <file>'],
    ['GET ""', 'expected GET <file>'],
    ['ADD   ', 'expected ADD <address>'],
    ['LIST everything', 'LIST takes no argument, got "everything"'],
    ['GET "bad \\q"', 'JSON string'],
  ])('refuses %j', (line, message) => {
    expect(() => parseCommand(line)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(message) as string }) as Error,
    );
  });

  test('does not repeat a long line in its message', () => {
    expect(() => parseCommand('x'.repeat(10_000))).toThrow(/^.{0,200}$/);
  });

  test('knows every command that it lists', () => {
    for (const { name, usage } of COMMANDS) {
      expect(parseCommand(usage.includes('<') ? `${name} x` : name).type).toBe(name);
    }
  });
});

describe('commandLine', () => {
  test('carries any argument through parseCommand', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (file) => {
        expect(parseCommand(commandLine(['GET', file]))).toEqual({ type: 'GET', file });
      }),
    );
  });

  test('joins words as a shell splits them', () => {
    expect(commandLine(['GET', 'two', 'words.txt'])).toBe('GET two words.txt');
  });
});
