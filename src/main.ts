import { version } from "./domain/version.ts"
import { workerFlag } from "./plugin-host/protocol/worker-flag.ts"
import { tryWriteFast } from "./system/terminal/fast-stdout.ts"

const argv = process.argv.slice(2)
const asksVersion = argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")
if (asksVersion && (await tryWriteFast(`${version}\n`))) {
  // version printed
} else if (argv[0] === workerFlag && (await serveAsWorker())) {
  // runs until the parent exits
} else {
  process.exitCode = await (await import("./cli/run.ts")).run(argv)
  const { hasStuckThread } = await import("./system/fs/async-io.ts")
  if (hasStuckThread()) process.stderr.write("", () => process.exit())
}

async function serveAsWorker(): Promise<boolean> {
  const [worker, { IndexSession }, { exportedMessages }] = await Promise.all([
    import("./plugin-host/worker/worker.ts"),
    import("./pipeline/indexing/index-session.ts"),
    import("./pipeline/indexing/recorded-messages.ts"),
  ])
  const sessions = new Map<string, InstanceType<typeof IndexSession>>()
  return worker.serveAsWorker({
    async index(exported, data, warn, signal) {
      const session = sessions.get(data) ?? new IndexSession(data, warn)
      sessions.set(data, session)
      return session.readExport(exported, signal)
    },
    messages: exportedMessages,
  })
}
