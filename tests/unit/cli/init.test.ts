import { expect, test } from '@jest/globals';
import { toSchemaPlace } from '../../../src/cli/init.js';
import { toConfigTemplate } from '../../../src/config/template.js';

const CACHED = '/home/me/.npm/_npx/0a1b2c/node_modules/labelcast/docs/schema.json';

test.each([
  ['/srv/cams', '/usr/lib/labelcast/docs/schema.json', '/usr/lib/labelcast/docs/schema.json'],
  ['/srv/cams', '/opt/my apps/schema.json', 'file:///opt/my%20apps/schema.json'],
  ['/srv/cams', '/srv/cams/node_modules/labelcast/schema.json', './node_modules/labelcast/schema.json'],
  ['/home/me/.npm/_npx/0a1b2c', CACHED, './node_modules/labelcast/docs/schema.json'],
  ['/srv/cams', CACHED, null],
])('for a file in %s a schema at %s is named %s', (folder, schema, place) => {
  expect(toSchemaPlace(folder, schema)).toBe(place);
});

test('a schema that will not last is not named', () => {
  const [named, nameless] = [toConfigTemplate('/x.json'), toConfigTemplate(null)];
  expect(named).toBe(`# yaml-language-server: $schema=/x.json\n${nameless}`);
});
