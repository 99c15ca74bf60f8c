import type { Address, Connection, Transport } from '../../kernel/index.ts';

/** What is measured of a connection: frames sent and received. */
export type Pipe = Pick<Connection, 'send' | 'close' | 'abort'> & AsyncIterable<Uint8Array>;

/** Accepts pipes. */
export interface PipeListener extends AsyncIterable<Pipe> {
  readonly address: Address;
  close(): Promise<void>;
}

/** What is measured of a transport, sealed or bare: every Transport is one, and so is the plain socket they are compared with. */
export interface Piping {
  parse: Transport['parse'];
  listen(address: Address): Promise<PipeListener>;
  dial(address: Address): Promise<Pipe>;
}
