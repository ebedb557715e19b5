import { writeOut } from "./system/stdout.ts"
import { version } from "./version.ts"

const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) writeOut(`${version}\n`)
else process.exitCode = await (await import("./commands/run.ts")).run(argv)
