/**
 * Damaged databases, seeded, and what must hold of each repair: `bun run test/repair/damaged-databases.ts 500`. With a second
 * number, from that seed on. Writes only below a temporary folder.
 */
import { Database } from "bun:sqlite"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isRescueError } from "../../src/domain/errors.ts"
import { rebuildDatabase } from "../../src/rescue/salvage/rebuild.ts"
import { type Random, seeded } from "../fixtures/talk/random.ts"

/** Tables as they are kept in trees of each kind, with rows that go on in other pages. */
function makeDatabase(path: string): void {
  const made = new Database(path, { create: true })
  made.run("create table session (id text primary key, title text not null, time integer not null)")
  made.run(
    "create table part (id text primary key, session_id text not null references session(id), time integer not null, cost real, data text not null)",
  )
  made.run("create table keyed (name text primary key, number integer not null) without rowid")
  made.run("create table counted (number integer primary key autoincrement, note text not null)")
  made.run("create index part_session on part (session_id, id)")
  made.transaction(() => {
    for (let one = 0; one < 12; one++) {
      made.run("insert into session values (?, ?, ?)", [`ses_${one}`, `talk ${one}`, one])
      made.run("insert into keyed values (?, ?)", [`name ${one}`, one])
      made.run("insert into counted (note) values (?)", [`note ${one}`])
      for (let number = 0; number < 40; number++) {
        const text = `pärt ${number} ${"z".repeat(number === 7 ? 9000 : 5 * number)}`
        made.run("insert into part values (?, ?, ?, ?, ?)", [
          ...[
            `prt_${one}_${number}`,
            `ses_${one}`,
            number,
            number / 2,
            JSON.stringify({ type: "text", text }),
          ],
        ])
      }
    }
  })()
  made.close()
}

const kinds: Readonly<Record<string, (bytes: Buffer, random: Random) => Buffer>> = {
  zeroed: (bytes, random) => bytes.fill(0, ...stretch(bytes, random, 9000)),
  filled: (bytes, random) => bytes.fill(random.between(1, 255), ...stretch(bytes, random, 300)),
  cut: (bytes, random) => bytes.subarray(0, random.between(1, bytes.length)),
  flipped(bytes, random) {
    const at = random.between(0, bytes.length - 1)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.between(0, 7))
    return bytes
  },
  copied(bytes, random) {
    const [from, to] = stretch(bytes, random, 4096)
    bytes.copy(bytes, random.between(0, bytes.length - 1), from, to)
    return bytes
  },
  swapped(bytes, random) {
    const count = Math.floor(bytes.length / 4096)
    if (count < 2) return bytes
    const [one, other] = [random.between(0, count - 1) * 4096, random.between(0, count - 1) * 4096]
    const kept = Buffer.from(bytes.subarray(one, one + 4096))
    bytes.copy(bytes, one, other, other + 4096)
    kept.copy(bytes, other)
    return bytes
  },
}

function stretch(bytes: Buffer, random: Random, most: number): [number, number] {
  const from = random.between(0, bytes.length - 1)
  return [from, Math.min(bytes.length, from + random.between(1, most))]
}

/** What is wrong with the repair of each of these; empty when all holds. */
export async function judgeDatabases(count: number, first: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "damaged-"))
  const wrong: string[] = []
  try {
    const path = join(folder, "whole.db")
    makeDatabase(path)
    const whole = readFileSync(path)
    for (let seed = first; seed < first + count; seed++) {
      const random = seeded(seed)
      const what = Array.from({ length: random.between(1, 4) }, () =>
        random.pick(Object.keys(kinds) as [string]),
      )
      const damaged = what.reduce<Buffer>(
        (bytes, kind) => kinds[kind]?.(bytes, random) ?? bytes,
        Buffer.from(whole),
      )
      const file = join(folder, "damaged.db")
      writeFileSync(file, damaged)
      for (const why of await judge(file, folder)) wrong.push(`seed ${seed} (${what.join(", ")}): ${why}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return wrong
}

async function judge(path: string, folder: string): Promise<readonly string[]> {
  try {
    const options = { into: null, scratch: folder, version: "0.0.0", at: new Date(0) }
    const { proof, isSound } = await rebuildDatabase(path, options)
    return [
      ...(proof.holds ? [] : [`not proven: ${JSON.stringify(proof)}`]),
      ...(isSound ? [] : ["the new database is not sound"]),
    ]
  } catch (error) {
    const isHonest = isRescueError(error) && error.code === "NOTHING_FOUND"
    return isHonest ? [] : [error instanceof Error ? `${error.stack}` : String(error)]
  }
}

if (import.meta.main) {
  const [wanted = "500", first = "0"] = process.argv.slice(2)
  const wrong = await judgeDatabases(Number(wanted), Number(first))
  for (const each of wrong) console.log(each.slice(0, 400))
  console.log(`${wanted} damaged databases, ${wrong.length} wrong`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}
