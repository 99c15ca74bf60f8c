const FORMS: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [
    /^peerhold ([a-z0-9-]{1,32})\/(\d{1,5})/,
    ([, name = '', version = '']) => `peerhold's transport ${name}, version ${version}`,
  ],
  [/^HTTP\/\d/, () => 'HTTP'],
  [/^(GET|POST|HEAD|PUT|DELETE|OPTIONS|CONNECT|PRI) /, () => 'an HTTP client'],
  [/^<(!doctype|html)/i, () => 'HTTP'],
  [/^SSH-/, () => 'SSH'],
  // eslint-disable-next-line no-control-regex -- TLS is recognised by bytes that are no text.
  [/^[\x14-\x17]\x03[\0-\x04]/, () => 'TLS'],
  [/^RFB \d/, () => 'VNC'],
  [/^220[ -].*(ftp)/i, () => 'FTP'],
  [/^220[ -]/, () => 'SMTP or FTP'],
  [/^(\+OK|\* OK)/, () => 'a mail server'],
  [/^[-+$*:](ERR|OK|PONG|DENIED|NOAUTH)/, () => 'Redis'],
  [/^.\0\0\0\n\d+\.\d/s, () => 'MySQL'],
];

const LOOKED_AT = 128;
const SHOWN = 24;

/** What the first bytes of an answer look like, for a line that people read: `HTTP`, `TLS`, `SSH`, or else the bytes themselves. */
export function recogniseProtocol(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'something that was not kept';
  const text = Buffer.from(bytes.subarray(0, LOOKED_AT)).toString('latin1');
  for (const [form, name] of FORMS) {
    const match = form.exec(text);
    if (match !== null) return name(match);
  }
  const shown = text.slice(0, SHOWN);
  const isText = /^[\t\r\n\x20-\x7e]+$/.test(shown);
  return isText
    ? `something that says ${JSON.stringify(shown)}`
    : `bytes ${Buffer.from(bytes.subarray(0, 8)).toString('hex')}`;
}
