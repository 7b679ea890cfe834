import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const ajv = new Ajv2020({ allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync('docs/schema/report.v1.json', 'utf8')) as object);

/** What the published schema finds wrong with a report as JSON. */
export function reportIssuesOf(report: unknown): readonly unknown[] {
  return validate(report) ? [] : validate.errors!;
}
