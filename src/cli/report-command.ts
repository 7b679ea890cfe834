import { type Command, Option } from 'commander';
import { readConfig } from '../config/read-config.js';
import { toList } from './option-values.js';
import { REPORT_FORMATS, type ReportFlags, report } from './report.js';

/** Adds `labelcast report` to the program; `version`: of labelcast. */
export function addReport(program: Command, version: string): void {
  program
    .command('report')
    .showHelpAfterError('(labelcast report --help lists its options)')
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
    .addHelpText('after', REPORT_EXAMPLES)
    .action(async (journal: string | undefined, flags: ReportFlags & { readonly config?: string }) => {
      const config = readConfig(flags.config ?? null, process.env);
      process.exitCode = await report(journal, flags, { config, version });
    });
}

const REPORT_EXAMPLES = `
Examples:
  labelcast report tagged/                           tagged/report.html, to be opened in a browser
  labelcast report tagged/ -f vtt -o subtitles/      WebVTT, a file for each video
  labelcast report tagged/ -f csv | head             every segment a line
  labelcast report tagged/ -f json | jq '.sources[].labels[] | [.label, (.segments | length)]'
  labelcast report tagged/ -f concat --label dog -o dogs/   what shows a dog, as edit lists for ffmpeg
  labelcast report /var/lib/labelcast/labelcast.db --stream gate-2 -o gate-2.html

Exit status: 0 all written; 1 a part could not be made; 2 nothing could be read or written; 130, 143 interrupted;
141 the reader of standard output went away.`;
