import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const CLOSING =
  '{"directions":{"a->b":{"delivered":900},"b->a":{"delivered":100}},"tun_dropped":{"a":0,"b":0},"late_over_1ms":3,"late_max_ms":2.5}';

/** Skips to the command to run. */
const HEAD = `#!/bin/sh
name=$2
while [ "$1" != --exec ]; do shift; done
`;

/** An emulator in a directory that makes no link: both ends are this machine. What it writes last is `closing`. */
export function localEmulator(directory: string, closing = CLOSING): Promise<string> {
  return script(
    join(directory, 'local-emulator'),
    `${HEAD}export LINKEM_NS_A= LINKEM_NS_B= LINKEM_A=127.0.0.1 LINKEM_B=127.0.0.1
sh -c "$2"
echo '${closing}'
`,
  );
}

/** An emulator that joins two namespaces by a pair of devices, as fast as they are. */
export function pairEmulator(directory: string): Promise<string> {
  return script(
    join(directory, 'pair-emulator'),
    `${HEAD}set -e
export LINKEM_NS_A=$name-a LINKEM_NS_B=$name-b LINKEM_A=10.99.7.1 LINKEM_B=10.99.7.2
trap 'ip netns del $LINKEM_NS_A; ip netns del $LINKEM_NS_B' EXIT
ip netns add $LINKEM_NS_A
ip netns add $LINKEM_NS_B
ip -n $LINKEM_NS_A link add pair0 type veth peer name pair0 netns $LINKEM_NS_B
for end in "$LINKEM_NS_A $LINKEM_A" "$LINKEM_NS_B $LINKEM_B"; do
  set -- "$1" "$2" $end
  ip -n $3 link set lo up
  ip -n $3 addr add $4/24 dev pair0
  ip -n $3 link set pair0 up
done
sh -c "$2"
echo '${CLOSING}'
`,
  );
}

/** Writes a program of the shell. */
export async function script(path: string, text: string): Promise<string> {
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}
