import { Command } from 'commander';
import { type CommandHelp, explain, toTyped, withCommands } from './command-help.js';
import { addCompletion } from './completion-command.js';
import { addConsume } from './consume-command.js';
import { addDoctor } from './doctor-command.js';
import { addEval } from './eval-command.js';
import { addExplain } from './explain-command.js';
import { helpLayout } from './help-layout.js';
import { addInit } from './init-command.js';
import { readVersion } from './package-files.js';
import { addJournal } from './journal-command.js';
import { addModel } from './model-command.js';
import { addProbe } from './probe-command.js';
import { addReport } from './report-command.js';
import { addServe } from './serve-command.js';
import { addTag } from './tag-command.js';
import { toWidth } from './terminal-look.js';

/** Every command of labelcast; nothing runs before the program is told to parse, and failures are thrown. */
export function createProgram(): Command {
  const version = readVersion();
  const program = explain(new Command('labelcast'), PROGRAM_HELP)
    .description('Tags videos with a multi-label network and publishes steady label segments.')
    .version(version)
    .exitOverride()
    .configureHelp(helpLayout)
    .configureOutput({
      outputError: (text, write) => write(text),
      getOutHelpWidth: () => toWidth(process.stdout),
      getErrHelpWidth: () => toWidth(process.stderr),
    })
    .showHelpAfterError('(labelcast --help lists the commands)');
  addTag(program, version);
  addServe(program, version);
  addConsume(program);
  addReport(program, version);
  addJournal(program);
  addEval(program, version);
  addExplain(program, version);
  addProbe(program);
  addModel(program, version);
  addInit(program);
  addDoctor(program, version);
  addCompletion(program);
  for (const command of withCommands(program).slice(1))
    command.showHelpAfterError(`(${toTyped(command)} --help lists its options)`);
  return program;
}

const PROGRAM_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast tag clip.mp4', does: 'what is in a video' },
    { line: 'labelcast tag archive/ -o tagged', does: 'a folder of them, with a report to look at' },
    { line: 'labelcast init', does: 'a configuration for cameras and Kafka, to be filled in' },
    { line: 'labelcast serve -c labelcast.yaml', does: 'watch its cameras' },
  ],
  exits: [
    ['0', 'all went well'],
    ['1', 'a part failed, and was told; the rest is complete'],
    ['2', 'nothing was started; the message says why and what to do'],
  ],
};
