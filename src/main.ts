import { guestArgument } from "./pipeline/host/guest-argument.ts"
import { wroteAtOnce } from "./system/first-line.ts"
import { version } from "./version.ts"

const argv = process.argv.slice(2)
const asksVersion = argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")
if (asksVersion && (await wroteAtOnce(`${version}\n`))) {
  // said
} else if (argv[0] === guestArgument && (await serveAsGuest())) {
  // runs until whoever started it is done
} else {
  process.exitCode = await (await import("./commands/run.ts")).run(argv)
  const { waitsForNobody } = await import("./system/beside.ts")
  if (waitsForNobody()) process.stderr.write("", () => process.exit())
}

async function serveAsGuest(): Promise<boolean> {
  const [guest, { indexExported }] = await Promise.all([
    import("./pipeline/host/guest.ts"),
    import("./pipeline/indexing/exported.ts"),
  ])
  return guest.serveAsGuest(indexExported)
}
