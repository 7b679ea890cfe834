/** Where a text that `JSON.parse` refuses stops being JSON, and what is amiss there: `line 4, column 1: …`. */
export function toJsonFault(text: string): string {
  const at = findFault(text);
  const lines = text.slice(0, at).split('\n');
  const reason = at === text.length ? 'it ends too early' : toReason(refusalOf(text) ?? '');
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}: ${reason}`;
}

/** What the engine says, without where. */
function toReason(refusal: string): string {
  const reason = refusal.replace(/ (?:in|after) JSON at position .*|, .* is not valid JSON/s, '');
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}

/** The place of the first character that no JSON goes on with; the engine tells it of some faults only. */
function findFault(text: string): number {
  let [sound, broken] = [0, text.length + 1];
  while (broken - sound > 1) {
    const middle = (sound + broken) >> 1;
    if (isBegun(text.slice(0, middle))) sound = middle;
    else broken = middle;
  }
  return sound;
}

/** Whether a text is JSON, or the beginning of some. */
function isBegun(text: string): boolean {
  const refusal = refusalOf(text);
  if (refusal === null) return true;
  const place = /at position (\d+)/.exec(refusal)?.[1];
  return place === undefined ? refusal.includes('end of JSON input') : Number(place) >= text.length;
}

function refusalOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
