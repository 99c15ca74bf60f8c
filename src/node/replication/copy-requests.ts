import type { Clock, NodeId } from '../../kernel/index.ts';

interface Request {
  readonly kind: 'ask' | 'drop';
  /** Until when, by the clock, its outcome is believed before the node itself says so; Infinity while it is under way. */
  readonly until: number;
}

/** Who was asked to keep a content, or to give it up, and has not yet told the network of the outcome. */
export class CopyRequests {
  /** How long the news of an outcome may take, in ms. */
  static readonly GRACE_MS = 5_000;

  readonly #clock: Clock;
  /** By content, then by node. */
  readonly #requests = new Map<string, Map<NodeId, Request>>();
  #underWay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many have not been answered. */
  get underWay(): number {
    return this.#underWay;
  }

  begin(content: string, peer: NodeId, kind: Request['kind']): void {
    const ofContent = this.#requests.get(content) ?? new Map<NodeId, Request>();
    this.#requests.set(content, ofContent.set(peer, { kind, until: Infinity }));
    this.#underWay++;
  }

  /** The answer came, or will not come. Idempotent. */
  end(content: string, peer: NodeId, isDone: boolean): void {
    const ofContent = this.#requests.get(content);
    const request = ofContent?.get(peer);
    if (ofContent === undefined || request?.until !== Infinity) return;
    this.#underWay--;
    if (isDone) ofContent.set(peer, { ...request, until: this.#clock.now() + CopyRequests.GRACE_MS });
    else this.#delete(content, peer);
  }

  /** Who is expected to hold a content. */
  asked(content: string): Set<NodeId> {
    return this.#of(content, 'ask');
  }

  /** Who is expected not to hold a content any more. */
  dropped(content: string): Set<NodeId> {
    return this.#of(content, 'drop');
  }

  /** Whether anybody is expected to say something of a content. */
  isBusy(content: string): boolean {
    return this.asked(content).size + this.dropped(content).size > 0;
  }

  /** A node is gone, or there anew: nothing is expected of it. What is under way ends by itself. */
  forgetPeer(peer: NodeId): void {
    for (const [content, ofContent] of [...this.#requests]) {
      if (ofContent.get(peer)?.until !== Infinity) this.#delete(content, peer);
    }
  }

  #of(content: string, kind: Request['kind']): Set<NodeId> {
    const found = new Set<NodeId>();
    for (const [peer, request] of [...(this.#requests.get(content) ?? [])]) {
      if (request.until < this.#clock.now()) this.#delete(content, peer);
      else if (request.kind === kind) found.add(peer);
    }
    return found;
  }

  #delete(content: string, peer: NodeId): void {
    const ofContent = this.#requests.get(content);
    ofContent?.delete(peer);
    if (ofContent?.size === 0) this.#requests.delete(content);
  }
}
