/** What a figure should be; `isMet` is said beside it. */
export interface Aim {
  readonly text: string;
  readonly isMet: boolean;
}

export function heading(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

/** One figure, and whether it is as aimed at. */
export function row(name: string, value: string, aim?: Aim): void {
  const said = aim === undefined ? '' : `  aim ${aim.text}: ${aim.isMet ? 'met' : 'MISSED'}`;
  process.stdout.write(`${name.padEnd(66)}${value}${said}\n`);
}

export function atMost(value: number, limit: number, unit: string): Aim {
  return { text: `≤ ${limit} ${unit}`, isMet: value <= limit };
}

export function range(values: readonly number[], digits = 2): string {
  return `${Math.min(...values).toFixed(digits)} – ${Math.max(...values).toFixed(digits)}`;
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
