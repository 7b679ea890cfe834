import { toShellLines } from '../help-layout.js';
import { toPrintable } from '../messages.js';
import { toShellWord } from '../shell-word.js';
import { toWidth } from '../terminal-look.js';
import { wrap } from '../wrap.js';
import type { ImportFlags } from './import-flags.js';

/** Writes what a package that was made is good for: its labels, and the command that tags with it. */
export function printNextStep(
  labelCount: number,
  { output, labels }: ImportFlags,
  out: NodeJS.WriteStream,
): void {
  const width = out.isTTY ? toWidth(out) : Number.MAX_SAFE_INTEGER;
  const count = `${labelCount} ${labelCount === 1 ? 'label' : 'labels'}`;
  const sentence = `${output} is made, with ${count} read from ${labels}; to tag with it:`;
  const command = `labelcast tag clip.mp4 --model ${toShellWord(output)}`;
  const lines = [...wrap(toPrintable(sentence), width), ...toShellLines(toPrintable(command), width)];
  out.write(lines.map((line) => `${line}\n`).join(''));
}

/** Writes that a package which failed its checks was not kept. */
export function printRemoved({ output }: ImportFlags, out: NodeJS.WriteStream): void {
  const width = out.isTTY ? toWidth(out) : Number.MAX_SAFE_INTEGER;
  const sentence = `${output} is not kept; mend what failed, and import again`;
  out.write(`${wrap(toPrintable(sentence), width).join('\n')}\n`);
}
