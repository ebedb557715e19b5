/**
 * `bun run bench [--json] [--small]`: how fast and how large, as ratios within one run, since absolute times say
 * more about the machine. Asserts nothing. Runs in the sandbox, as the tests do.
 */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { copies, memory, type Sizes, startUp, status } from "./cases.ts"
import { table } from "./table.ts"
import { binary, clean, crowd } from "./workplace.ts"

const { values } = parseArgs({
  options: { json: { type: "boolean" }, small: { type: "boolean" } },
  strict: true,
})

const full: Sizes = { transcripts: 5000, copied: 1e9, hollow: 2e9, line: 12e6, rounds: 15, slowRounds: 3 }
const small: Sizes = { transcripts: 100, copied: 20e6, hollow: 40e6, line: 1e6, rounds: 1, slowRounds: 1 }

async function measureAll(sizes: Sizes): Promise<void> {
  const disperse = crowd(100)
  try {
    const rows = []
    for (const measure of [startUp, status, copies, memory]) {
      console.error(`measuring: ${measure.name} …`)
      rows.push(...(await measure(sizes)))
    }
    console.log(values.json ? JSON.stringify({ bun: Bun.version, sizes, rows }, null, 2) : table(rows))
  } finally {
    disperse()
    clean()
  }
}

if (!existsSync(binary)) {
  console.error(`There is no ${binary}; run \`bun run build\` first.`)
  process.exitCode = 1
} else if (process.env.SESSION_RESCUE_TEST_SANDBOX === undefined) {
  const sandbox = resolve(import.meta.dir, "../sandbox.sh")
  const again = ["sh", sandbox, process.execPath, "run", import.meta.path, ...process.argv.slice(2)]
  process.exitCode = Bun.spawnSync(again, { stdout: "inherit", stderr: "inherit" }).exitCode
} else {
  await measureAll(values.small ? small : full)
}
