/** `npm run test:clients -- [VERSION…|all] [FILE…]`: the real-client tests over those versions of the client. */

import { selectedBy } from "./harness/selected.ts"
import { inCi, versions } from "./harness/versions.ts"

const isVersion = (word: string) => word === "all" || /^\d/.test(word)
const words = process.argv.slice(2)
if (words.some((word) => word.startsWith("-"))) usage()

const named = words.filter(isVersion).join(" ") // without, as CI does it
const files = words.filter((word) => !isVersion(word)).flatMap(placesOf)
try {
  const chosen = selectedBy(named || inCi)
  console.log(`The clients: ${chosen.map(({ name }) => name).join(", ")}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  usage()
}
const tests = Bun.spawn(
  [
    "sh",
    "test/sandbox.sh",
    "bun",
    "test",
    "--timeout",
    "180000",
    ...(files.length > 0 ? files : ["test/real-client/"]),
  ],
  { env: { ...process.env, REAL_CLIENTS: named }, stdin: "ignore", stdout: "inherit", stderr: "inherit" },
)
process.exit(await tests.exited)

/** The test files whose names begin so, whichever folder they are in. */
function placesOf(name: string): readonly string[] {
  const beginning = name.replace(/(\.test)?\.ts$/, "")
  const places = [...new Bun.Glob(`test/real-client/**/${beginning}*.test.ts`).scanSync()]
  if (places.length === 0) usage()
  return places
}

function usage(): never {
  const listed = versions.map(({ version }) => version).join(" ")
  console.error(`usage: npm run test:clients -- [VERSION[:native|:npm]…|all] [NAME OF A TEST FILE…]
listed: ${listed}; without a version, as CI: ${inCi}`)
  process.exit(2)
}
