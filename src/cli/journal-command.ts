import type { Command } from 'commander';
import { type CommandHelp, explain, USAGE_EXIT } from './command-help.js';
import type {
  BackupFlags,
  InfoFlags,
  MigrateFlags,
  PurgeFlags,
  RewindFlags,
  SkipFlags,
} from './journal/journal-flags.js';
import { toDays, toHours, toUtc } from './option-values.js';

/** Adds `labelcast journal` and its commands to the program. */
export function addJournal(program: Command): void {
  const group = explain(program.command('journal'), JOURNAL_HELP).description(
    'look at a journal, back it up, remove what is old, skip what a sink refuses, deliver again, bring it to the newest form',
  );
  withJournal(
    explain(group.command('info'), INFO_HELP).description(
      'print what a journal holds and how far its sinks are; it may be in use',
    ),
  )
    .option('--json', 'one JSON object on stdout')
    .action(async (journal: string | undefined, flags: InfoFlags) => {
      const { info } = await import('./journal/info.js');
      process.exitCode = await info(journal, flags, process.stdout);
    });
  const backup = explain(group.command('backup'), BACKUP_HELP)
    .description('copy a journal to a file, whole and checked; it may be in use')
    .argument('<file>', 'where the copy goes');
  withJournal(backup)
    .option('--force', 'replace a file that is there')
    .action(async (file: string, journal: string | undefined, flags: BackupFlags) => {
      const { backup: backUp } = await import('./journal/backup.js');
      process.exitCode = await backUp(file, journal, flags);
    });
  withJournal(
    explain(group.command('purge'), PURGE_HELP).description(
      'remove what is old of cameras, as `serve` does by itself; no one may have the journal meanwhile',
    ),
  )
    .option(
      '--retain-days <n>',
      'keep events and segments for so long (default: as in the configuration)',
      toDays,
    )
    .option(
      '--retain-scores-hours <n>',
      'keep score curves for so long (default: as in the configuration)',
      toHours,
    )
    .option('--dry-run', 'only say what would be removed; the journal may be in use')
    .action(async (journal: string | undefined, flags: PurgeFlags) => {
      const { purge } = await import('./journal/purge.js');
      process.exitCode = await purge(journal, flags);
    });
  const skip = explain(group.command('skip'), SKIP_HELP)
    .description('leave out an event that a sink refuses for itself, so that those after it are delivered')
    .argument('<event>', 'its id, as the log of `serve` names it');
  withJournal(skip)
    .requiredOption('--sink <name>', 'the sink that refuses it')
    .option('--reason <text>', 'why, for who reads the events')
    .action(async (event: string, journal: string | undefined, flags: SkipFlags) => {
      const { skip: skipEvent } = await import('./journal/skip.js');
      process.exitCode = await skipEvent(event, journal, flags);
    });
  withJournal(
    explain(group.command('rewind'), REWIND_HELP).description(
      'have a sink get events again, which readers know by their ids',
    ),
  )
    .requiredOption('--sink <name>', 'the sink')
    .requiredOption(
      '--to <time>',
      'from the first event committed then on: 2026-01-05T10:00:00Z, 2026-01-05 (UTC) or 2h (ago)',
      toUtc,
    )
    .action(async (journal: string | undefined, flags: RewindFlags) => {
      const { rewind } = await import('./journal/rewind.js');
      process.exitCode = await rewind(journal, flags);
    });
  withJournal(
    explain(group.command('migrate'), MIGRATE_HELP).description(
      'bring a journal of an older labelcast to the newest form, in which it gives space back to the disk',
    ),
  ).action(async (journal: string | undefined, flags: MigrateFlags) => {
    const { migrate } = await import('./journal/migrate.js');
    process.exitCode = await migrate(journal, flags);
  });
}

function withJournal(command: Command): Command {
  return command
    .argument(
      '[journal]',
      'a journal, or the folder that holds one (default: as in the configuration, else here)',
    )
    .option('-c, --config <file>', 'labelcast.yaml: its journal and sinks');
}

const UNUSABLE = ['2', 'the journal is damaged, is none or cannot be had; nothing was changed'] as const;

const INFO_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast journal info labelcast.db', does: 'size, events, streams and sinks' },
    { line: 'labelcast journal info tagged/ --json | jq .sinks', does: 'the same for programs' },
  ],
  exits: [['0', 'it is told'], UNUSABLE],
};

const BACKUP_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast journal backup monday.db labelcast.db', does: 'a copy, while `serve` goes on' },
    {
      line: 'labelcast journal backup latest.db -c labelcast.yaml --force',
      does: 'in place of the last one',
    },
  ],
  exits: [['0', 'the copy is on the disk, and whole'], UNUSABLE],
};

const PURGE_HELP: CommandHelp = {
  examples: [
    {
      line: 'labelcast journal purge -c labelcast.yaml --dry-run',
      does: 'what the configuration would remove now',
    },
    { line: 'labelcast journal purge labelcast.db --retain-days 30', does: 'all but the last 30 days' },
  ],
  exits: [['0', 'what is old is removed'], UNUSABLE],
};

const SKIP_HELP: CommandHelp = {
  examples: [
    {
      line: 'labelcast journal skip 0b9d1c5e-6a0e-5d52-8f0a-5b1f7a3c2d41 labelcast.db --sink main',
      does: 'one event, for the sink main',
    },
    {
      line: 'labelcast journal skip 0b9d1c5e-6a0e-5d52-8f0a-5b1f7a3c2d41 -c labelcast.yaml --sink main --reason "too large"',
      does: 'with the reason that readers see',
    },
  ],
  exits: [
    ['0', 'it is left out from the next start on'],
    ['2', 'there is no such event or sink, or the journal cannot be had; nothing was changed'],
  ],
};

const REWIND_HELP: CommandHelp = {
  examples: [
    {
      line: 'labelcast journal rewind labelcast.db --sink main --to 2026-01-05T10:00:00Z',
      does: 'what was committed since then comes again',
    },
    {
      line: 'labelcast journal rewind -c labelcast.yaml --sink main --to 2026-01-05',
      does: 'of the journal of a service; since midnight, UTC',
    },
  ],
  exits: [
    ['0', 'it comes again from the next start on'],
    [
      '2',
      'there is no such sink, or it has not got that far, or the journal cannot be had; nothing was changed',
    ],
  ],
};

const MIGRATE_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast journal migrate labelcast.db', does: 'once after an update' },
    { line: 'labelcast journal migrate -c labelcast.yaml', does: 'the journal of a service' },
  ],
  exits: [['0', 'it has the newest form'], UNUSABLE],
};

const JOURNAL_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast journal info labelcast.db', does: 'what it holds' },
    { line: 'labelcast journal backup monday.db labelcast.db', does: 'a copy, while `serve` goes on' },
    { line: 'labelcast journal purge labelcast.db --retain-days 30', does: 'all but the last 30 days' },
  ],
  exits: [['0', 'all went well'], USAGE_EXIT],
};
