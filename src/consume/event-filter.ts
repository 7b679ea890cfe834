import type { NumberedCloudEvent } from '../types.js';

const MAX_REMEMBERED = 1000;
const MAX_SHOWN = 20;

/** The streams and labels that a reader asked for, and what there was when none of it matches. */
export class EventFilter {
  readonly #streams: ReadonlySet<string> | null;
  readonly #labels: ReadonlySet<string> | null;
  readonly #seenStreams = new Set<string>();
  readonly #seenLabels = new Set<string>();
  #matches = 0;

  /** Undefined: all. */
  constructor(streams: readonly string[] | undefined, labels: readonly string[] | undefined) {
    this.#streams = streams === undefined ? null : new Set(streams);
    this.#labels = labels === undefined ? null : new Set(labels);
  }

  takes({ data }: NumberedCloudEvent): boolean {
    const { streamId } = data;
    const label = 'label' in data ? data.label : null;
    remember(this.#seenStreams, streamId);
    if (label !== null) remember(this.#seenLabels, label);
    const isWanted =
      this.#streams?.has(streamId) !== false &&
      (this.#labels === null || (label !== null && this.#labels.has(label)));
    if (isWanted) this.#matches++;
    return isWanted;
  }

  /** What to say at the end; null: something matched, or everything was asked for. */
  get summary(): string | null {
    if (this.#matches > 0 || (this.#streams === null && this.#labels === null)) return null;
    if (this.#seenStreams.size === 0) return '0 events match: there are none at all';
    const labels = this.#labels === null ? '' : `; labels seen: ${toList(this.#seenLabels)}`;
    return `0 events match; streams seen: ${toList(this.#seenStreams)}${labels}`;
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
