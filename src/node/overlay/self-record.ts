import { z } from 'zod';
import { errorCode, type Address, type AddressForm, type NodeId, type NodeIndex } from '../../kernel/index.ts';
import { isLoopback, isWildcard } from '../../kit/address-fields.ts';
import { hostPortForm } from '../../kit/host-port-form.ts';
import type { NodeRecord, Place } from '../records.ts';

/** What a node keeps of itself between runs. */
const storedSelf = z.object({
  incarnation: z.int().min(1),
  listened: z.string().optional(),
});

type StoredSelf = Readonly<z.output<typeof storedSelf>>;

const KEY = 'self';

/** The node's own record: its incarnation, which outlives it, and where it can be reached. */
export class SelfRecord {
  readonly id: NodeId;
  readonly place: Place | undefined;
  /** How the addresses of this network name hosts and ports. */
  readonly addressForm: AddressForm;
  readonly #store;
  readonly #advertise: Address | undefined;
  #stored: StoredSelf;
  #listening: Address = '';
  #sequence = 0;
  #writing: Promise<void> = Promise.resolve();
  #nextWrite: Promise<void> | undefined;

  private constructor(options: SelfRecordOptions, store: SelfStore, stored: StoredSelf) {
    this.id = options.id;
    this.place = options.place;
    this.addressForm = options.addressForm ?? hostPortForm;
    this.#advertise = options.advertise;
    this.#store = store;
    this.#stored = stored;
  }

  /** Reads what is kept and raises the incarnation: every start is a new one. */
  static async load(options: SelfRecordOptions): Promise<SelfRecord> {
    const store = selfStore(options.index);
    // A row that is no such row is like none: whoever knows this node tells it how far it was.
    const stored = storedSelf.safeParse(await store.get(KEY)).data;
    const self = new SelfRecord(options, store, {
      incarnation: (stored?.incarnation ?? 0) + 1,
      listened: stored?.listened,
    });
    await self.#save();
    return self;
  }

  get incarnation(): number {
    return this.#stored.incarnation;
  }

  /** Where the node listened last time; undefined at its first start. */
  get listenedBefore(): Address | undefined {
    return this.#stored.listened;
  }

  /** Where the node listens, and what people are shown. */
  get address(): Address {
    return this.#advertise ?? this.#listening;
  }

  /** Notes where the node listens now. */
  async listens(address: Address): Promise<void> {
    this.#listening = address;
    this.#stored = { ...this.#stored, listened: address };
    await this.#save();
  }

  /** The mark of the next thing the node says of itself or its files: higher than every one before. */
  stamp(): { readonly incarnation: number; readonly sequence: number } {
    return { incarnation: this.#stored.incarnation, sequence: ++this.#sequence };
  }

  /** Whether a stamp is later than every one this node has given. */
  isBefore(stamp: { readonly incarnation: number; readonly sequence: number }): boolean {
    const { incarnation } = this.#stored;
    return stamp.incarnation > incarnation || (stamp.incarnation === incarnation && stamp.sequence > this.#sequence);
  }

  /** Raises the incarnation above one that others claim; resolves when that is on disk. */
  async raiseAbove(incarnation: number): Promise<void> {
    if (incarnation < this.#stored.incarnation) return;
    this.#stored = { ...this.#stored, incarnation: incarnation + 1 };
    this.#sequence = 0;
    await this.#save();
  }

  /**
   * The record as it is told to a peer at `remote`. The host is left to the peer to fill in where ours means nothing to it: a
   * wildcard, or loopback while the peer is elsewhere.
   */
  recordFor(remote: Address): NodeRecord {
    return { id: this.id, incarnation: this.incarnation, place: this.place, address: this.#addressFor(remote) };
  }

  #addressFor(remote: Address): Address {
    if (this.#advertise !== undefined) return this.#advertise;
    const at = this.addressForm.split(this.#listening);
    if (at === undefined) return this.#listening;
    const isElsewhere = !isLoopback(this.addressForm.split(remote)?.host ?? '');
    const meansNothing = isWildcard(at.host) || (isLoopback(at.host) && isElsewhere);
    return meansNothing ? this.addressForm.join(this.#listening, { host: '', port: at.port }) : this.#listening;
  }

  /** One write at a time, so that the last state is what stays; calls made during a write share the next. */
  #save(): Promise<void> {
    this.#nextWrite ??= this.#writing.then(() => {
      this.#nextWrite = undefined;
      const write = this.#store.put(KEY, this.#stored);
      this.#writing = write.catch(() => undefined);
      return write;
    });
    return this.#nextWrite;
  }
}

export interface SelfRecordOptions {
  readonly id: NodeId;
  readonly index: NodeIndex;
  readonly place: Place | undefined;
  readonly advertise: Address | undefined;
  /** The transport's, where it has one. */
  readonly addressForm?: AddressForm | undefined;
}

/** A peer's record with the host it left out: the one it was seen at. Where that makes no address, the record has none. */
export function fillAddress(record: NodeRecord, remote: Address, form: AddressForm): NodeRecord {
  const at = form.split(record.address);
  return at?.host === '' ? { ...record, address: filled(record.address, remote, form) ?? '' } : record;
}

function filled(address: Address, remote: Address, form: AddressForm): Address | undefined {
  const [port, host] = [form.split(address)?.port ?? 0, form.split(remote)?.host ?? ''];
  if (port === 0 || host === '') return undefined;
  try {
    return form.join(address, { host, port });
  } catch (error) {
    // Such as a path that leaves no room for the host: the peer's affair.
    if (errorCode(error) === 'ERR_ADDRESS') return undefined;
    throw error;
  }
}

function selfStore(index: NodeIndex) {
  return index.sublevel<string, unknown>('self', { valueEncoding: 'json' });
}

type SelfStore = ReturnType<typeof selfStore>;
