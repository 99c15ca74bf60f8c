import { recogniseProtocol } from '../../src/kit/index.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('recogniseProtocol', () => {
  test.each([
    ['peerhold tcp/1\r\n\r\n', "peerhold's transport tcp, version 1"],
    ['peerhold a-b-9/65535', "peerhold's transport a-b-9, version 65535"],
    ['HTTP/1.1 400 Bad Request\r\n', 'HTTP'],
    ['<!DOCTYPE html>', 'HTTP'],
    ['<html>', 'HTTP'],
    ['GET / HTTP/1.1\r\n', 'an HTTP client'],
    ['PRI * HTTP/2.0\r\n', 'an HTTP client'],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'SSH'],
    ['\x15\x03\x03\x00\x02\x02\x28', 'TLS'],
    ['\x16\x03\x01\x02\x00', 'TLS'],
    ['RFB 003.008\n', 'VNC'],
    ['220 (vsFTPd 3.0.3)\r\n', 'FTP'],
    ['220 mail.example ESMTP\r\n', 'SMTP or FTP'],
    ['+OK ready\r\n', 'a mail server'],
    ['* OK IMAP4rev1\r\n', 'a mail server'],
    ["-ERR unknown command 'peerhold'\r\n", 'Redis'],
    ['\x4a\0\0\0\n8.0.36\0', 'MySQL'],
    ['hello there', 'something that says "hello there"'],
  ])('takes %j for %s', (text, name) => {
    expect(recogniseProtocol(bytes(text))).toBe(name);
  });

  test.each([
    ['\0\x01\x02', 'bytes 000102'],
    ['\x1b[2Jhello, terminal', 'bytes 1b5b324a68656c6c'],
    ['caf\xe9', 'bytes 636166e9'],
    // Names of transports are words, so nothing else passes under their form.
    ['peerhold \x1b[2J/1', 'bytes 70656572686f6c64'],
    ['peerhold TCP/1', 'something that says "peerhold TCP/1"'],
    [`peerhold ${'x'.repeat(33)}/1`, 'something that says "peerhold xxxxxxxxxxxxxxx"'],
  ])('shows what else it is, %j, so that no terminal obeys it', (text, shown) => {
    expect(recogniseProtocol(bytes(text))).toBe(shown);
  });

  test('shows a little of a long answer only', () => {
    expect(recogniseProtocol(bytes('y'.repeat(1_000_000)))).toBe(`something that says "${'y'.repeat(24)}"`);
  });

  test('says so where there is nothing to look at', () => {
    expect(recogniseProtocol(new Uint8Array(0))).toBe('something that was not kept');
  });
});
