import type { NodeId } from '../../../kernel/index.ts';

/** A node that was split: what went to its right, and the least entry that may stand there. */
export interface Split {
  readonly right: TreeNode;
  readonly score: number;
  readonly id: NodeId;
}

/**
 * A leaf, which holds entries, or a branch, which holds children. Both hold up to `order` of them; a node that is not the root at
 * least `minimumCount(order)`. Scores and ids lie in arrays of their own: scores stay unboxed, and a search reads neighbouring memory.
 */
export type TreeNode = Leaf | Branch;

/** Least entries of a leaf, or children of a branch, below the root. */
export function minimumCount(order: number): number {
  return Math.ceil(order / 2);
}

/** Entries in order, and the way to the next leaf. */
export class Leaf {
  readonly scores: number[];
  readonly ids: NodeId[];
  next: Leaf | undefined;

  constructor(scores: number[] = [], ids: NodeId[] = [], next?: Leaf) {
    this.scores = scores;
    this.ids = ids;
    this.next = next;
  }

  get count(): number {
    return this.ids.length;
  }

  has(score: number, id: NodeId): boolean {
    const at = lowerBound(this, score, id);
    return this.ids[at] === id && this.scores[at] === score;
  }

  insert(score: number, id: NodeId): boolean {
    const at = lowerBound(this, score, id);
    if (this.ids[at] === id && this.scores[at] === score) return false;
    this.scores.splice(at, 0, score);
    this.ids.splice(at, 0, id);
    return true;
  }

  remove(score: number, id: NodeId): boolean {
    const at = lowerBound(this, score, id);
    if (this.ids[at] !== id || this.scores[at] !== score) return false;
    this.scores.splice(at, 1);
    this.ids.splice(at, 1);
    return true;
  }

  /** Moves the upper half to a new leaf on the right. */
  split(): Split {
    const half = this.count >>> 1;
    const right = new Leaf(this.scores.splice(half), this.ids.splice(half), this.next);
    this.next = right;
    return { right, score: right.scores[0] as number, id: right.ids[0] as NodeId };
  }
}

/** Children in order. Separator `i` is above every entry of child `i` and not above any of child `i + 1`. */
export class Branch {
  readonly scores: number[];
  readonly ids: NodeId[];
  readonly children: TreeNode[];

  constructor(scores: number[], ids: NodeId[], children: TreeNode[]) {
    this.scores = scores;
    this.ids = ids;
    this.children = children;
  }

  get count(): number {
    return this.children.length;
  }

  /** Position of the child that holds an entry, or would. */
  childFor(score: number, id: NodeId): number {
    const at = lowerBound(this, score, id);
    return this.ids[at] === id && this.scores[at] === score ? at + 1 : at;
  }

  insert(score: number, id: NodeId, order: number): boolean {
    const at = this.childFor(score, id);
    const child = this.children[at] as TreeNode;
    if (!child.insert(score, id, order)) return false;
    if (child.count > order) this.#adopt(at, child.split());
    return true;
  }

  remove(score: number, id: NodeId, order: number): boolean {
    const at = this.childFor(score, id);
    const child = this.children[at] as TreeNode;
    if (!child.remove(score, id, order)) return false;
    if (child.count < minimumCount(order)) this.#refill(at, order);
    return true;
  }

  /** Moves the upper half to a new branch on the right; the separator between the halves goes up. */
  split(): Split {
    const half = this.count >>> 1;
    const right = new Branch(this.scores.splice(half), this.ids.splice(half), this.children.splice(half));
    return { right, score: this.scores.pop() as number, id: this.ids.pop() as NodeId };
  }

  #adopt(at: number, { right, score, id }: Split): void {
    this.scores.splice(at, 0, score);
    this.ids.splice(at, 0, id);
    this.children.splice(at + 1, 0, right);
  }

  /** Gives a child that has too little something from a sibling that can spare it, or joins it with one that cannot. */
  #refill(at: number, order: number): void {
    const spare = (position: number) => (this.children[position]?.count ?? 0) > minimumCount(order);
    if (spare(at - 1)) this.#moveRight(at - 1);
    else if (spare(at + 1)) this.#moveLeft(at);
    else this.#join(at > 0 ? at - 1 : at);
  }

  /** Moves the last of child `at` to the front of the child after it. */
  #moveRight(at: number): void {
    const left = this.children[at] as TreeNode;
    const right = this.children[at + 1] as TreeNode;
    const score = left.scores.pop() as number;
    const id = left.ids.pop() as NodeId;
    if (left instanceof Leaf) {
      right.scores.unshift(score);
      right.ids.unshift(id);
    } else {
      right.scores.unshift(this.scores[at] as number);
      right.ids.unshift(this.ids[at] as NodeId);
      (right as Branch).children.unshift(left.children.pop() as TreeNode);
    }
    this.scores[at] = score;
    this.ids[at] = id;
  }

  /** Moves the first of the child after `at` to the end of child `at`. */
  #moveLeft(at: number): void {
    const left = this.children[at] as TreeNode;
    const right = this.children[at + 1] as TreeNode;
    const score = right.scores.shift() as number;
    const id = right.ids.shift() as NodeId;
    if (left instanceof Leaf) {
      left.scores.push(score);
      left.ids.push(id);
      this.scores[at] = right.scores[0] as number;
      this.ids[at] = right.ids[0] as NodeId;
    } else {
      left.scores.push(this.scores[at] as number);
      left.ids.push(this.ids[at] as NodeId);
      left.children.push((right as Branch).children.shift() as TreeNode);
      this.scores[at] = score;
      this.ids[at] = id;
    }
  }

  /** Joins the child after `at` into child `at`. */
  #join(at: number): void {
    const left = this.children[at] as TreeNode;
    const right = this.children[at + 1] as TreeNode;
    const score = this.scores[at] as number;
    const id = this.ids[at] as NodeId;
    if (left instanceof Leaf) {
      left.next = (right as Leaf).next;
    } else {
      left.scores.push(score);
      left.ids.push(id);
      left.children.push(...(right as Branch).children);
    }
    left.scores.push(...right.scores);
    left.ids.push(...right.ids);
    this.scores.splice(at, 1);
    this.ids.splice(at, 1);
    this.children.splice(at + 1, 1);
  }
}

/** First position whose (score, id) is not below the one given; `count` of them where all are. */
function lowerBound({ scores, ids }: TreeNode, score: number, id: NodeId): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = scores[middle] as number;
    if (other < score || (other === score && (ids[middle] as NodeId) < id)) low = middle + 1;
    else high = middle;
  }
  return low;
}
