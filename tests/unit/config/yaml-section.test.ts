import { expect, test } from '@jest/globals';
import { toConfigTemplate } from '../../../src/config/template.js';
import { withSection } from '../../../src/config/yaml.js';

const keys = { halfLifeMs: 100, labels: { dog: { enter: 0.5, exit: 0.3 } } };
const lay = (text: string) => withSection(text, { file: 'labelcast.yaml', name: 'smoothing', keys });

test('an empty file gets the section', () => {
  expect(lay('')).toBe('smoothing:\n  halfLifeMs: 100\n  labels:\n    dog: { enter: 0.5, exit: 0.3 }\n');
});

test('other keys and comments stay', () => {
  const text = `# mine
streams:
  - { id: gate, url: "rtsp://u:\${PASS}@h/s" } # by the gate
smoothing:
  # slow on purpose
  minOnMs: 800 # never less
  labels: { cat: { enter: 0.7, exit: 0.5 }, dog: { enter: 0.9 } }
`;
  expect(lay(text)).toBe(`# mine
streams:
  - { id: gate, url: "rtsp://u:\${PASS}@h/s" } # by the gate
smoothing:
  # slow on purpose
  minOnMs: 800 # never less
  labels: { cat: { enter: 0.7, exit: 0.5 }, dog: { enter: 0.5, exit: 0.3 } }
  halfLifeMs: 100
`);
});

test('the comments of a section without a key stay before its first one', () => {
  const text = lay(toConfigTemplate(null));
  expect(text).toContain('  #labels: { person: { enter: 0.6, exit: 0.4 } }\n  halfLifeMs: 100\n');
  expect(text.split('\n').filter((line) => /^\s*#/.test(line))).toEqual(
    toConfigTemplate(null)
      .split('\n')
      .filter((line) => /^\s*#/.test(line)),
  );
});

test.each(['a: [', '- a list'])('%s is no configuration', (text) => {
  expect(() => lay(text)).toThrow(/^labelcast.yaml (is not valid YAML|must hold keys and values)$/);
});

test('an empty map changes nothing, and line ends stay', () => {
  const text = 'smoothing:\r\n  labels: { cat: { enter: 0.7, exit: 0.5 } } # mine\r\n';
  const made = withSection(text, { file: 'labelcast.yaml', name: 'smoothing', keys: { labels: {} } });
  expect(made).toBe(text);
});

test.each([
  'shared: &s { dog: { enter: 0.9 } }\nsmoothing: { labels: *s }\n',
  'smoothing: { halfLifeMs: &t 400, minOnMs: *t }\n',
])('%j would move other values too', (text) => {
  expect(() => lay(text)).toThrow('smoothing of labelcast.yaml shares values with other places (& and *)');
});
