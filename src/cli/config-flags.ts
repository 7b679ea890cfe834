import { type Command, Option } from 'commander';
import type { Config } from '../config/config.js';
import { toPrecisionOption } from './model-options.js';
import { toFps } from './option-values.js';

/** The flags that overlay the config file, the same in every command. */
export interface ConfigFlags {
  readonly config?: string;
  readonly model?: string;
  readonly device?: Config['model']['device'];
  readonly precision?: Config['model']['precision'];
  readonly hwaccel?: Config['decoding']['hardware'];
  readonly fps?: number;
  readonly keyframesOnly?: boolean;
  readonly staticGate?: boolean;
}

/** Adds the flags that overlay the config file to a command. */
export function withConfigFlags(command: Command): Command {
  return command
    .option('-c, --config <file>', 'labelcast.yaml')
    .option('--model <dir>', 'model package to use')
    .addOption(
      new Option('--device <device>', 'execution provider').choices(['auto', 'cpu', 'cuda', 'webgpu']),
    )
    .addOption(toPrecisionOption())
    .addOption(toHwaccel())
    .option('--fps <n>', 'frames scored per second of video', toFps)
    .option('--keyframes-only', 'score key frames alone: many times faster, less exact')
    .option('--static-gate', 'score no frame that shows what the last scored one did');
}

/** The flag that says what decodes. */
export function toHwaccel(): Option {
  const choices = ['off', 'auto', 'cuda', 'vaapi', 'qsv'] satisfies Config['decoding']['hardware'][];
  return new Option('--hwaccel <how>', 'what decodes videos in place of the processor').choices(choices);
}

/** The config of a file, the environment and the flags; warnings go to standard error. Throws ConfigError. */
export async function toConfig(flags: ConfigFlags): Promise<Config> {
  const { readConfig } = await import('../config/read-config.js');
  const warn = (text: string) => process.stderr.write(`warning: ${text}\n`);
  const config = readConfig(flags.config ?? null, process.env, warn);
  return {
    ...config,
    model: {
      ...config.model,
      path: flags.model ?? config.model.path,
      device: flags.device ?? config.model.device,
      precision: flags.precision ?? config.model.precision,
    },
    decoding: { ...config.decoding, hardware: flags.hwaccel ?? config.decoding.hardware },
    sampling: {
      fps: flags.fps ?? config.sampling.fps,
      keyframesOnly: flags.keyframesOnly ?? config.sampling.keyframesOnly,
      staticGate: flags.staticGate ?? config.sampling.staticGate,
    },
  };
}
