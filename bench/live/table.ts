/** What a figure should be; `isMet` is said beside it. */
export interface Aim {
  readonly text: string;
  readonly isMet: boolean;
}

export function heading(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

/** One figure, and whether it is as aimed at; one that is not makes the exit status 1. */
export function row(name: string, value: string, aim?: Aim): void {
  process.stdout.write(`${name.padEnd(66)}${value}${aim === undefined ? '' : judge(aim)}\n`);
}

/** What is said of an aim behind its figure; a missed one makes the exit status 1. */
export function judge({ text, isMet }: Aim): string {
  if (!isMet) process.exitCode = 1;
  return `  aim ${text}: ${isMet ? 'met' : 'MISSED'}`;
}

/** Not met by what is no number. */
export function atMost(value: number, limit: number, unit: string): Aim {
  return { text: `≤ ${limit} ${unit}`, isMet: Number.isFinite(value) && value <= limit };
}

/** Not met by what is no number. */
export function atLeast(value: number, limit: number, unit: string): Aim {
  return { text: `≥ ${limit} ${unit}`, isMet: Number.isFinite(value) && value >= limit };
}

export function exactly(value: string | number, wanted: string | number): Aim {
  return { text: String(wanted), isMet: value === wanted };
}

export function range(values: readonly number[], digits = 2): string {
  return `${Math.min(...values).toFixed(digits)} – ${Math.max(...values).toFixed(digits)}`;
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
