import { writeFile } from 'node:fs/promises';
import config from '../plugins.config.ts';
import { configurationPage } from './configuration-page.ts';

await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationPage(config));
