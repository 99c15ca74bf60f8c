import config from '../../plugins.config.ts';
import { configurationPage } from '../../scripts/configuration-page.ts';
import { textOf } from '../support/source-files.ts';

describe('docs/configuration.md', () => {
  test('is what npm run docs writes', () => {
    expect(textOf('docs/configuration.md')).toBe(configurationPage(config));
  });
});
