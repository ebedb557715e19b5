/** `npm run clients:drift -- [--write] [--against VERSION] VERSION`: what that version of the client does differently. */
import { parseArgs } from "node:util"
import { installClient } from "../harness/install-client.ts"
import { selectedBy } from "../harness/selected.ts"
import { compare } from "./compare.ts"
import { report } from "./report.ts"
import { drive } from "./situations/drive.ts"
import { lastBefore, readFacts, storedVersions, writeFacts } from "./stored.ts"

const { version, write, against } = asked()
const [chosen] = selectedBy(version)
if (chosen === undefined) throw new Error("no version")
const executable = await installClient(chosen)
if (executable === null) process.exit(1)

const { facts, failed } = await drive({ ...chosen, executable }, (name) => console.error(`driving: ${name}`))
for (const { name, reason } of failed) console.error(`\nDID NOT COME ABOUT: ${name}\n${reason}`)
const last = against ?? lastBefore(version)
if (last === undefined)
  console.log(`no facts of another version are committed: nothing to compare ${version} with`)
else console.log(`\n${report(readFacts(last), facts, compare(readFacts(last), facts))}`)
if (write && failed.length > 0) console.error("Nothing was written: the facts would not be complete.")
if (write && failed.length === 0) console.log(`written: ${writeFacts(facts)}`)
process.exit(failed.length === 0 ? 0 : 1)

function asked(): { version: string; write: boolean; against: string | undefined } {
  try {
    const options = { write: { type: "boolean" }, against: { type: "string" } } as const
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2),
      options,
      allowPositionals: true,
    })
    const [word = "", ...more] = positionals
    const isKnown = values.against === undefined || storedVersions().includes(values.against)
    if (/^\d+\.\d+\.\d+$/.test(word) && more.length === 0 && isKnown)
      return { version: word, write: values.write ?? false, against: values.against }
  } catch {} // said below
  console.error(`usage: npm run clients:drift -- [--write] [--against VERSION] VERSION
  --write     keeps what was seen as test/real-client/facts/VERSION.json
  --against   compares with those facts (${storedVersions().join(", ") || "none yet"}), not with the last ones before`)
  process.exit(2)
}
