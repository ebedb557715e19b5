import { guestArgument } from "./pipeline/host/guest-argument.ts"
import { waitsForNobody } from "./system/beside.ts"
import { writeOut } from "./system/stdout.ts"
import { version } from "./version.ts"

const argv = process.argv.slice(2)
if (argv[0] === guestArgument && (await (await import("./pipeline/host/guest.ts")).serveAsGuest())) {
  // runs until whoever started it is done
} else if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) writeOut(`${version}\n`)
else {
  process.exitCode = await (await import("./commands/run.ts")).run(argv)
  if (waitsForNobody()) process.stderr.write("", () => process.exit())
}
