import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { createFolder } from './clips.js';
import { labelcast } from './labelcast.js';
import { onTerminal } from './terminal.js';

const folder = createFolder();
afterAll(() => folder.remove());
mkdirSync(folder.file('work/archive'), { recursive: true });
for (const name of ['my clip.mp4', 'other.mp4', 'arch.yaml']) writeFileSync(folder.file(`work/${name}`), '');

const SCRIPTS = ['bash', 'zsh', 'fish'];

/** How each shell starts without the settings of this machine, with the script and a prompt of `> `. */
const STARTS: Readonly<Record<string, (script: string) => string>> = {
  bash: (script) => {
    writeFileSync(folder.file('bashrc'), `PS1='> '\nsource ${script}\n`);
    return `exec bash --noprofile --rcfile ${folder.file('bashrc')} -i`;
  },
  zsh: (script) => {
    const settings = `PS1='> '\nautoload -Uz compinit; compinit -u -D\nsource ${script}\n`;
    writeFileSync(folder.file('.zshrc'), settings);
    return `ZDOTDIR=${folder.path} exec zsh -d -i`;
  },
  fish: (script) => {
    const settings = `function fish_prompt; echo '> '; end; set fish_greeting; source ${script}`;
    return `exec fish --no-config --private -C ${JSON.stringify(settings)}`;
  },
};

/** Types a line and tabs into a shell, until its screen shows all that is wanted. Throws with the screen when it never does. */
async function complete(shell: string, line: string, ...wanted: RegExp[]): Promise<string> {
  const script = folder.file(`labelcast.${shell}`);
  const { stdout } = await labelcast(['completion', shell]);
  writeFileSync(script, stdout);
  let isTyped = false;
  let screen = '';
  let found: string | undefined;
  await onTerminal(`cd ${folder.file('work')}; ${STARTS[shell]!(script)}`, {
    columns: 120,
    rows: 50,
    env: { HOME: folder.path, XDG_CONFIG_HOME: folder.path, XDG_DATA_HOME: folder.path, SHELL: '' },
    onScreen: (lines, terminal) => {
      // Ctrl-U takes away what was typed
      const leave = () => terminal.type('\u0015exit\r');
      screen = lines.join('\n');
      if (!isTyped && /^> ?$/m.test(screen)) {
        isTyped = true;
        terminal.type(shell === 'bash' ? `${line}\t\t` : `${line}\t`);
        setTimeout(leave, 120_000).unref();
      }
      if (found !== undefined || !wanted.every((shown) => shown.test(screen))) return;
      found = screen;
      leave();
    },
  });
  if (found === undefined) throw new Error(`${wanted.join(', ')} are not all on the screen:\n${screen}`);
  return found;
}

test.each(SCRIPTS)('%s completes commands', async (shell) => {
  const commands = ['tag', 'serve', 'consume', 'probe', 'doctor', 'report', 'init', 'completion', 'help'];
  const screen = await complete(shell, 'labelcast ', ...commands.map((name) => new RegExp(`\\b${name}\\b`)));
  expect(screen).not.toContain('other.mp4');
});

test.each(SCRIPTS)('%s completes options', async (shell) => {
  const screen = await complete(shell, 'labelcast tag --de', /--deliver-timeout/, /--device/);
  expect(screen).not.toContain('--journal');
});

test.each(SCRIPTS)('%s completes the choices of an option', async (shell) => {
  const screen = await complete(shell, 'labelcast tag --device ', /auto[^]*cpu[^]*cuda[^]*webgpu/);
  expect(screen).not.toContain('other.mp4');
  await complete(shell, 'labelcast tag --device=we', /--device=webgpu/);
});

test.each(SCRIPTS)('%s completes files where a file is wanted, folders where a folder is', async (shell) => {
  await complete(shell, 'labelcast tag my', /my\\ clip\.mp4/);
  await complete(shell, 'labelcast report -c arch', /arch\.yaml[^]*archive|archive[^]*arch\.yaml/);
  expect(await complete(shell, 'labelcast tag other.mp4 -o ar', /archive/)).not.toContain('arch.yaml');
});

test.each(SCRIPTS)('%s completes the commands of a command, and the options of each', async (shell) => {
  await complete(shell, 'labelcast model ', /inspect/, /verify/);
  const screen = await complete(shell, 'labelcast model import --la', /--layout/, /--labels/);
  expect(screen).not.toContain('--resize');
  await complete(shell, 'labelcast model import --resize l', /--resize letterbox/);
  await complete(shell, 'labelcast model verify ar', /archive/);
});

test('nothing of what is typed is run', async () => {
  await complete('bash', `labelcast tag "$(touch ran)" --de`, /--deliver-timeout/, /--device/);
  expect(existsSync(folder.file('work/ran'))).toBe(false);
  const { stdout } = await labelcast(['completion', 'bash']);
  expect(stdout).not.toMatch(/(?:^|[;&|(`])\s*eval\s|\$\(labelcast/m); // eval is a command of labelcast too
});

test('a shell that is not known is refused with those that are', async () => {
  const run = await labelcast(['completion', 'tcsh']);
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr).toContain('bash, zsh, fish');
});
