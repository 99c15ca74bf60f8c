import { defineConfig } from 'peerhold';
import shipped from 'peerhold/config';
import { unixSocket } from './unix-socket.ts';

export default defineConfig({
  plugins: [...shipped.plugins, unixSocket],
  profiles: {
    ...shipped.profiles,
    // For whoever runs several nodes on one machine, and wants no port open.
    local: { extends: 'default', about: 'Unix-domain sockets instead of UDP.', transport: unixSocket() },
  },
  defaultProfile: 'local',
});
