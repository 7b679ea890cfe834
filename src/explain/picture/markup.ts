/** What XML forbids, what would break a line or turn its direction. */
const UNFIT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu;

/** Text for an element or an attribute of XML and HTML. */
export function toMarkupText(text: string): string {
  return text.replaceAll(UNFIT, '\uFFFD').replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** An element without content, or with text or elements that are markup already. */
export function toElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content?: string,
): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? toPx(value) : toMarkupText(value)}"`,
  );
  return `<${name}${written.join('')}${content === undefined ? '/>' : `>${content}</${name}>`}`;
}

function toPx(value: number): string {
  return String(Math.round(value * 10) / 10);
}
