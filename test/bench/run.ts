/**
 * `bun run bench [NAME…] [--json] [--tiny]`: how fast and how large, as ratios within one run, since absolute times say
 * more about the machine. Asserts nothing. Runs in the sandbox, as the tests do.
 */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { type Bench, full, notMet, type Row, tiny } from "./bench.ts"
import { binary, clean, crowd } from "./homes.ts"
import { machine } from "./machine.ts"
import { benches } from "./rows/index.ts"
import { table } from "./table.ts"

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, tiny: { type: "boolean" } },
  allowPositionals: true,
  strict: true,
})

async function measure(chosen: readonly Bench[]): Promise<void> {
  const disperse = crowd(100)
  try {
    const rows: (Row & { bench: string })[] = []
    for (const bench of chosen) {
      console.error(`measuring: ${bench.name} …`)
      for (const row of await bench.run(values.tiny ? tiny : full)) rows.push({ bench: bench.name, ...row })
    }
    const report = { schemaVersion: 1, machine: machine(), bun: Bun.version, tiny: values.tiny === true }
    console.log(
      values.json
        ? JSON.stringify({ ...report, rows, notMet: notMet(rows) }, null, 2)
        : table(rows, `${report.machine}, Bun ${report.bun}`),
    )
  } finally {
    disperse()
    clean()
  }
}

const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no bench called ${unknown.join(", ")}; there are: ${benches.map((b) => b.name).join(", ")}`,
  )
  process.exitCode = 2
} else if (!existsSync(binary)) {
  console.error(`There is no ${binary}; run \`bun run build\` first.`)
  process.exitCode = 1
} else if (process.env.SESSION_RESCUE_TEST_SANDBOX === undefined) {
  const sandbox = resolve(import.meta.dir, "../sandbox.sh")
  const again = ["sh", sandbox, process.execPath, "run", import.meta.path, ...process.argv.slice(2)]
  process.exitCode = Bun.spawnSync(again, { stdout: "inherit", stderr: "inherit" }).exitCode
} else {
  await measure(benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name)))
}
