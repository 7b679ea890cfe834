/** `8 sources`, `1 source`, `5,000 segments`. */
export function toCountText(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
