import webvtt, { type CueNode } from 'webvtt-parser';
import { type PlacedTruth, refuseTruth, toSecondsText } from './truth-problem.js';

/** Its own checks say the same with the label's name, and the order of cues is for players. */
const LEFT_TO_OTHERS = /^(?:End timestamp is not greater|Start timestamp is not greater)/;

/** With their semicolons, which those that it has of itself lack and leave in the text. */
const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&nbsp;': ' ', '&lrm;': '', '&rlm;': '' };

/** Reads truth in WebVTT: the text of a cue is its labels, on lines of their own or separated by commas. Throws ConfigError that lists every problem with its line. */
export function readTruthVtt(text: string, file: string): PlacedTruth {
  const { cues, errors } = new webvtt.WebVTTParser(ENTITIES).parse(text);
  const problems = errors.filter(({ message }) => !LEFT_TO_OTHERS.test(message));
  if (problems.length > 0)
    throw refuseTruth(
      file,
      problems.map(({ line, message }) => `line ${line}: ${message.replace(/\.$/, '')}`),
    );
  const segments = cues.flatMap(({ startTime, endTime, tree }) =>
    toLabels(tree.children).map((label) => ({
      label,
      startMs: Math.round(startTime * 1000),
      endMs: Math.round(endTime * 1000),
      at: `cue at ${toSecondsText(startTime * 1000)}`,
    })),
  );
  return { durationMs: null, labels: null, segments, optional: [] };
}

function toLabels(nodes: readonly CueNode[]): string[] {
  return toText(nodes)
    .split(/[,\n]/)
    .map((label) => label.trim())
    .filter((label) => label !== '');
}

function toText(nodes: readonly CueNode[]): string {
  return nodes.map((node) => (node.type === 'text' ? node.value : toText(node.children ?? []))).join('');
}
