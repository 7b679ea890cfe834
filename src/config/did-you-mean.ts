import { closestMatch } from 'leven';

/** `; did you mean brokers?`, or nothing when no known word is close. */
export function toHint(word: string, known: readonly string[]): string {
  const alike =
    known.find((one) => one.toLowerCase() === word.toLowerCase()) ??
    known.find((one) => toLetters(one) === toLetters(word));
  const maxDistance = word.length < 3 ? 1 : Math.max(2, Math.floor(word.length / 3)); // 2: two letters in each other's place
  const close = alike ?? closestMatch(word, known, { maxDistance });
  return close === undefined ? '' : `; did you mean ${close}?`;
}

/** The same for words whose letters changed places. */
function toLetters(word: string): string {
  return word.toLowerCase().split('').sort().join('');
}
