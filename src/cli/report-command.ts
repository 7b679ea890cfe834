import { type Command, Option } from 'commander';
import { type CommandHelp, ENDED_EXITS, explain } from './command-help.js';
import { toList } from './option-values.js';
import { REPORT_FORMATS, type ReportFlags } from './report-flags.js';

/** Adds `labelcast report` to the program; `version`: of labelcast. */
export function addReport(program: Command, version: string): void {
  explain(program.command('report'), REPORT_HELP)
    .description('write what a journal holds as a page to look at, as subtitles, as data or as edit lists')
    .argument(
      '[journal]',
      'a journal, or the folder of `tag -o`; it may be in use (default: the folder here)',
    )
    .addOption(new Option('-f, --format <format>', 'what to write').choices(REPORT_FORMATS).default('html'))
    .option('-o, --output <path>', 'a file, a folder, or - for standard output (html: report.html beside it)')
    .option('--stream <id>', 'only this stream; may be repeated', toList)
    .option('--label <label>', 'only this label; may be repeated', toList)
    .option('--no-thumbnails', 'html: no pictures out of the videos')
    .option('-c, --config <file>', 'labelcast.yaml')
    .action(async (journal: string | undefined, flags: ReportFlags & { readonly config?: string }) => {
      const { report } = await import('./report.js');
      const { readConfig } = await import('../config/read-config.js');
      const config = readConfig(flags.config ?? null, process.env);
      process.exitCode = await report(journal, flags, { config, version });
    });
}

const REPORT_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast report tagged/', does: 'tagged/report.html, to be opened in a browser' },
    { line: 'labelcast report tagged/ -f vtt -o subtitles/', does: 'WebVTT, a file for each video' },
    { line: 'labelcast report tagged/ -f csv | head', does: 'every segment a line' },
    {
      line: "labelcast report tagged/ -f json | jq '.sources[].labels[] | [.label, (.segments | length)]'",
      does: 'as data',
    },
    {
      line: 'labelcast report tagged/ -f concat --label dog -o dogs/',
      does: 'what shows a dog, as edit lists for ffmpeg',
    },
    {
      line: 'labelcast report labelcast.db --stream gate-2 -o gate-2.html',
      does: 'one camera of a running service',
    },
  ],
  exits: [
    ['0', 'all is written'],
    ['1', 'a part could not be made'],
    ['2', 'nothing could be read or written'],
    ...ENDED_EXITS,
  ],
};
