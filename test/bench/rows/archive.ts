import { appendFileSync, readFileSync, renameSync, rmSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { markProcessed } from "../../fixtures/processed.ts"
import { writeTranscript } from "../../fixtures/talk/corpus.ts"
import { settled } from "../baselines.ts"
import { type Baseline, type Bench, compare } from "../bench.ts"
import { addSession, binary, formatBytes, type Home, newHome } from "../homes.ts"

/** Nothing was promised of it; more would mean that it grows with what is archived. */
const memory = 128e6

/** One export, packed, flushed, decoded again and compared; by hand with `zstd -3` and either of two verify passes. */
export const archive: Bench = {
  name: "archive",
  async run(scale) {
    const place = newHome("archive")
    const bytes = scale.bytes(1e9)
    const id = addVariedSession(place, bytes)
    const env = { HOME: place.home }
    const pending = join(place.data, "sessions-export-pending-anthropic")
    const before = () => {
      settled(place.data)()
      run([binary, "export", id, "--data-dir", place.data], env)
      markProcessed(pending)
      settled()()
    }
    const task = { command: [binary, "archive", "--data-dir", place.data], env, before }
    const byHand = (name: string, verify: string): Baseline => {
      const script = `zstd -q -3 -f "$1"/*.jsonl -o "$2" && ${verify}`
      const command = ["sh", "-ec", script, "sh", pending, `${place.copy}.zst`]
      const able = Bun.which("zstd") !== null
      return { name, task: able ? { command, before } : "NOT INSTALLED", means: "as long", wanted: 1.3 }
    }
    const rows = await compare(
      `archive of ${formatBytes(bytes)}`,
      task,
      [
        byHand("by hand: zstd -3, zstd -t", 'zstd -q -t "$2"'),
        byHand("by hand: zstd -3, zstd -d to sha256sum", 'zstd -q -d -c "$2" | sha256sum'),
      ],
      scale.rounds(3),
      memory,
    )
    place.remove()
    return rows
  },
}

function run(command: string[], env: Record<string, string>): void {
  const { exitCode, stderr } = Bun.spawnSync(command, { env: { ...process.env, ...env } })
  if (exitCode !== 0) throw new Error(`${command.join(" ")} failed: ${stderr}`)
}

/** Further back than zstd looks: what repeats only after it does not make packing easy. */
const variety = 64e6

/** The other benches' sessions repeat one stretch of text, which any packer reduces to nothing; this one does not. */
function addVariedSession(home: Home, bytes: number): string {
  const id = addSession(home, 10_000)
  const path = join(home.transcripts, `${id}.jsonl`)
  const whole = join(home.home, "whole")
  const part = join(home.home, "part")
  const stretches: Buffer[] = []
  for (let seed = 1, made = 0; made < Math.min(variety, bytes); seed++) {
    writeTranscript(part, { seed, id, cwd: "/home/dev/work/project-0", bytes: 1e6, ended: true })
    const stretch = readFileSync(part)
    stretches.push(stretch)
    made += stretch.length
  }
  for (let written = 0, n = 0; written < bytes; n++) {
    const stretch = stretches[n % stretches.length] ?? Buffer.alloc(0)
    appendFileSync(whole, stretch)
    written += stretch.length
  }
  rmSync(part)
  renameSync(whole, path)
  const lastWrite = new Date(Date.now() - 3 * 3_600_000)
  utimesSync(path, lastWrite, lastWrite)
  return id
}
