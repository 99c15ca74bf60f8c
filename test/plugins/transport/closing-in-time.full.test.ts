import { SOCKET_TRANSPORTS, socketCases } from '../../support/socket-cases.ts';

describe.each(SOCKET_TRANSPORTS)('%s', (transport) => {
  const { brief, waiting } = socketCases(transport);

  test('is shown the rest of its suite elsewhere', () => {
    expect(brief.length).toBeGreaterThan(20);
    expect(waiting).toHaveLength(2);
  });

  for (const { name, run } of waiting) test(name, run);
});
