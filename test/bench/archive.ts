import { appendFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { writeTranscript } from "../fixtures/corpus.ts"
import { type Task, timings, use } from "./measure.ts"
import type { Row } from "./table.ts"
import { binary, type Home, newHome } from "./workplace.ts"

export interface ArchiveSizes {
  /** Bytes of the transcript that is archived. */
  readonly copied: number
  readonly slowRounds: number
}

/** Further back than zstd looks at its usual levels: what repeats only after it does not make packing easy. */
const variety = 64e6

/** `archive` of one large export, beside `zstd -3` by hand with each of two verify passes. */
export async function archiving({ copied, slowRounds }: ArchiveSizes): Promise<Row[]> {
  const place = newHome("archive")
  const id = addVariedSession(place, copied)
  const source = place.transcript(id)
  const packed = `${place.data}-by-hand.zst`
  const env = { HOME: place.home }
  const ours: Task = {
    command: [binary, "archive", "--data-dir", place.data],
    env,
    before() {
      place.forget()
      run([binary, "export", id, "--data-dir", place.data], env)
      run(["sync"], env)
    },
  }
  const byHand = (verify: string): Task => ({
    command: ["sh", "-c", `zstd -q -3 -f "$1" -o "$2" && ${verify}`, "sh", source, packed],
    before: () => run(["sync"], env),
  })
  const others = [
    { name: "zstd -3, zstd -t", task: byHand('zstd -q -t "$2"'), wanted: "≤ 1.3×" },
    {
      name: "zstd -3, zstd -d to sha256sum",
      task: byHand('zstd -q -d -c "$2" | sha256sum'),
      wanted: "≤ 1.3×",
    },
  ]
  const [own, ...theirs] = timings([ours, ...others.map(({ task }) => task)], slowRounds)
  if (own === undefined) throw new Error("nothing was measured")
  const used = await use(ours)
  place.forget()
  rmSync(packed, { force: true })
  rmSync(place.home, { recursive: true })
  return others.map(({ name, wanted }, n) => {
    const time = theirs[n]?.best ?? Number.NaN
    const what = `archive of ${Math.round(copied / 1e6)} MB`
    return { what, ours: own.best, against: name, theirs: time, ratio: own.best / time, wanted, ...used }
  })
}

function run(command: string[], env: Record<string, string>): void {
  const { exitCode, stderr } = Bun.spawnSync(command, { env: { ...process.env, ...env } })
  if (exitCode !== 0) throw new Error(`${command.join(" ")} failed: ${stderr}`)
}

/** The bench's other sessions repeat one stretch, which any packer reduces to nothing; this one does not. */
function addVariedSession(home: Home, bytes: number): string {
  const id = crypto.randomUUID()
  const path = home.transcript(id)
  const part = `${home.data}-part`
  const stretches: Buffer[] = []
  for (let seed = 1, made = 0; made < Math.min(variety, bytes); seed++) {
    writeTranscript(part, { seed, id, cwd: "/home/dev/work", bytes: 1e6, ended: true })
    const stretch = readFileSync(part)
    stretches.push(stretch)
    made += stretch.length
  }
  rmSync(part)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, "")
  for (let written = 0, n = 0; written < bytes; n++) {
    const stretch = stretches[n % stretches.length] ?? Buffer.alloc(0)
    appendFileSync(path, stretch)
    written += stretch.length
  }
  const lastWrite = new Date(Date.now() - 3 * 3_600_000)
  utimesSync(path, lastWrite, lastWrite)
  return id
}
