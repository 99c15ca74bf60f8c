import { hostPortForm } from '../../src/kit/index.ts';
import { thrownCode } from '../support/thrown-code.ts';

describe('hostPortForm', () => {
  test.each([
    ['1.2.3.4:80', '1.2.3.4', 80],
    ['[2001:db8::7]:80', '2001:db8::7', 80],
    ['node.example:0', 'node.example', 0],
    [':80', '', 80],
  ])('takes %s apart and puts it together', (address, host, port) => {
    expect(hostPortForm.split(address)).toEqual({ host, port });
    expect(hostPortForm.join('10.0.0.1:1', { host, port })).toBe(address);
  });

  test.each(['', '/run/node.sock', 'ws://1.2.3.4:80/', '1.2.3.4:65536'])('finds no host and port in %j', (address) => {
    expect(hostPortForm.split(address)).toBeUndefined();
  });

  test.each(['a b', 'fe80::1%eth0', '-', '1.2.3'])('makes no address of the host %j', (host) => {
    expect(thrownCode(() => hostPortForm.join(':1', { host, port: 80 }))).toBe('ERR_ADDRESS');
  });
});
