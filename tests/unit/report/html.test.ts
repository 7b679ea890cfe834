import { expect, test } from '@jest/globals';
import { toReportHtml } from '../../../src/report/html.js';
import { toSampleReport, toSampleSource } from '../../e2e/report-samples.js';

const NAMES = [
  '</script><script>1</script>',
  '<!--',
  '\u2028',
  '"&\'',
  '%REPORT_DATA%',
  '$&',
  '__proto__',
  '😀',
];

function readData(html: string): unknown {
  const [, json] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)!;
  return JSON.parse(json!);
}

test('the data come back from the page as they went in, whatever they say', () => {
  const report = toSampleReport(toSampleSource('clips/</title>%REPORT_DATA%$&.mp4', { labels: NAMES }));
  const html = toReportHtml(report);
  expect(readData(html)).toEqual(report);
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html).toContain('<title>clips/&#60;/title&#62;%REPORT_DATA%$&#38;.mp4 – labelcast report</title>');
  expect(html).not.toMatch(/[\u2028\u2029]/);
});

test('a page is light enough to leave most of a report to its pictures', () => {
  expect(toReportHtml(toSampleReport()).length).toBeLessThan(250_000);
});

test('what is bundled brings its licence along', () => {
  const html = toReportHtml(toSampleReport());
  for (const owner of ['Jason Miller', 'Preact Team', 'Leon Sorokin']) expect(html).toContain(owner);
  expect(html).toContain('THE SOFTWARE IS PROVIDED "AS IS"');
});
