import { Command } from 'commander';
import { addConsume } from './consume-command.js';
import { addDoctor } from './doctor-command.js';
import { readVersion } from './package-files.js';
import { addProbe } from './probe-command.js';
import { addReport } from './report-command.js';
import { addServe } from './serve-command.js';
import { addTag } from './tag-command.js';

/** Every command of labelcast; nothing runs before the program is told to parse, and failures are thrown. */
export function createProgram(): Command {
  const version = readVersion();
  const program = new Command('labelcast')
    .description('Tags videos with a multi-label network and publishes steady label segments.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .showHelpAfterError('(labelcast --help lists the commands)');
  addTag(program, version);
  addServe(program, version);
  addConsume(program);
  addReport(program, version);
  addProbe(program);
  addDoctor(program);
  return program;
}
