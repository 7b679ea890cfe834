import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../src/errors.js';

/** Which photos a clip shows: those to choose settings by, or those to report on. */
export type PhotoSet = 'dev' | 'test';

/** A labelled picture; `file` is relative to the data folder. */
export interface Photo {
  readonly file: string;
  readonly set: PhotoSet;
  readonly positives: readonly string[];
  /** Labels of which nobody said whether they are in it. */
  readonly unknown: readonly string[];
  /** Its labels are not those of the picture: no clip shows it. */
  readonly wrong: boolean;
}

/** Where the labelled photos lie: `data` in LABELCAST_SHARED, else in `shared` beside the repository. */
export function dataFolder(env: NodeJS.ProcessEnv): string {
  return join(env['LABELCAST_SHARED'] ?? '../shared', 'data');
}

/** The dev and test photos. Throws ConfigError when there are none. */
export function readPhotos(data: string): Photo[] {
  if (!existsSync(join(data, 'labels.csv'))) {
    const message = `${data} holds no labels.csv, so there are no labelled photos to render clips from`;
    const remedy = 'name the folder with data/labels.csv in it: LABELCAST_SHARED=FOLDER';
    throw new ConfigError(message, [], { remedy });
  }
  const text = execFileSync('python3', ['bench/truth/photos.py', data], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return JSON.parse(text) as Photo[];
}

/** The labels whose truth is known: COCO's 80. */
export function readLabels(): string[] {
  return readFileSync('model/sgfn/labels/coco80.txt', 'utf8').trim().split('\n');
}
