import { loggerCompliance } from '../../../src/compliance/index.ts';
import { silent } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

describe('silent', () => {
  const create = () => {
    let text = '';
    const stderr = { isTerminal: false, write: (each: string) => (text += each) };
    return { logger: createPlugin(silent(), { stderr }), written: async () => text };
  };
  for (const { name, run } of loggerCompliance({ create })) test(name, run);

  test('is enabled for nothing', () => {
    expect(create().logger.isEnabled('error')).toBe(false);
  });
});
