#!/bin/sh
# Everything of a team's archive, against the real servers that this machine can have. Each is fetched once, and is
# skipped loudly where it cannot be had.
set -u
cd -- "$(dirname -- "$0")/../.." || exit
PATH=$PWD/node_modules/.bin:$PATH
export PATH
status=0
for server in test/team/servers/*.sh; do
  sh "$server" >/dev/null || echo "SKIPPED: what $server brings cannot be had on this machine"
done
bun run build.ts || exit 1
sh test/sandbox.sh bun test --timeout 180000 test/team || status=1
sh test/sandbox.sh bun run --preload ./test/guard.ts test/team/s3/run.ts || status=1
exit "$status"
