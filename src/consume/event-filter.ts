const MAX_REMEMBERED = 1000;
const MAX_SHOWN = 20;

/** What a reader asks for; undefined: all. */
export interface EventChoice {
  readonly streams?: readonly string[] | undefined;
  readonly labels?: readonly string[] | undefined;
  /** 0 to 1, of the highest raw score so far. */
  readonly minScore?: number | undefined;
}

/** What an event, or the state of a label, is chosen by; without a label it is of its stream alone. */
interface Choosable {
  readonly streamId: string;
  readonly label?: string;
  readonly score?: { readonly peak: number };
}

/** The streams, labels and scores that a reader asked for, and what there was when none of it matches. */
export class EventFilter {
  readonly #streams: ReadonlySet<string> | null;
  readonly #labels: ReadonlySet<string> | null;
  readonly #minScore: number;
  readonly #seenStreams = new Set<string>();
  readonly #seenLabels = new Set<string>();
  #highest = 0;
  #matches = 0;

  readonly #noun: string;

  /** `noun`: what matches or does not, in the plural. */
  constructor({ streams, labels, minScore = 0 }: EventChoice, noun = 'events') {
    this.#noun = noun;
    this.#streams = streams === undefined ? null : new Set(streams);
    this.#labels = labels === undefined ? null : new Set(labels);
    this.#minScore = minScore;
  }

  takes({ streamId, label, score }: Choosable): boolean {
    remember(this.#seenStreams, streamId);
    if (label !== undefined) remember(this.#seenLabels, label);
    const isChosen =
      this.#streams?.has(streamId) !== false &&
      (this.#labels === null || (label !== undefined && this.#labels.has(label)));
    if (isChosen) this.#highest = Math.max(this.#highest, score?.peak ?? 0);
    const isWanted = isChosen && (this.#minScore === 0 || (score?.peak ?? 0) >= this.#minScore);
    if (isWanted) this.#matches++;
    return isWanted;
  }

  /** What to say at the end; null: something matched, or everything was asked for. */
  get summary(): string | null {
    const isAll = this.#streams === null && this.#labels === null && this.#minScore === 0;
    if (this.#matches > 0 || isAll) return null;
    const none = `0 ${this.#noun} match`;
    if (this.#seenStreams.size === 0) return `${none}: there was none to read`;
    if (this.#highest > 0) return `${none}: the highest score is ${this.#highest}`;
    const labels = this.#labels === null ? '' : `; labels seen: ${toList(this.#seenLabels)}`;
    return `${none}; streams seen: ${toList(this.#seenStreams)}${labels}`;
  }
}

function remember(names: Set<string>, name: string): void {
  if (names.size < MAX_REMEMBERED) names.add(name);
}

function toList(names: ReadonlySet<string>): string {
  if (names.size === 0) return 'none';
  const shown = [...names].toSorted().slice(0, MAX_SHOWN);
  const more = names.size - shown.length;
  const many = names.size === MAX_REMEMBERED ? `at least ${more}` : more;
  return `${shown.join(', ')}${more > 0 ? ` and ${many} more` : ''}`;
}
