import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeCorpus } from "../fixtures/corpus.ts"
import type { Sizes } from "./cases.ts"
import { timings, use } from "./measure.ts"
import type { Row } from "./table.ts"
import { binary, newHome } from "./workplace.ts"

const many = 10

/**
 * Status with ten plugins of the user's own (two detect, eight classify, each asked about every session shown)
 * against status without; the wanted limit is a difference, 25 ms, and stands in the row's name.
 */
export async function plugins(sizes: Sizes): Promise<Row[]> {
  const place = newHome("plugins")
  writeCorpus(place.client, { seed: 3, count: Math.min(sizes.transcripts, 500), days: [1, 22] })
  const folder = join(place.home, ".config/session-rescue/plugins")
  for (let n = 0; n < many; n++) add(folder, n < 2 ? "detect" : "classify", `own-${n}`)
  const command = [binary, "status", "--data-dir", place.data]
  const env = { HOME: place.home }
  const tasks = [
    { command, env },
    { command: [...command, "--no-plugins"], env },
  ] as const
  const [withThem, without] = timings(tasks, sizes.rounds)
  if (withThem === undefined || without === undefined) throw new Error("nothing was measured")
  const used = await use(tasks[0])
  rmSync(place.home, { recursive: true })
  const added = (by: "best" | "median") => (withThem[by] - without[by]).toFixed(1)
  return [
    {
      what: `status with ${many} plugins of one's own (adds ${added("best")} ms, median ${added("median")} ms)`,
      ours: withThem.best,
      against: "status --no-plugins",
      theirs: without.best,
      ratio: withThem.best / without.best,
      wanted: "adds ≤ 25 ms",
      ...used,
    },
  ]
}

function add(folder: string, stage: string, name: string): void {
  mkdirSync(join(folder, stage), { recursive: true, mode: 0o755 })
  const body =
    stage === "detect"
      ? `agent: "${name}", async detect(ctx: Context) { return ctx.files.names(ctx.paths.home + "/.${name}").length > 0 ? [] : [] },
         async examine(): Promise<never> { throw new Error("nothing to examine") }`
      : `async classify(session: Session, ctx: Context) { return session.lastActivity === ctx.now ? null : null }`
  const path = join(folder, stage, `${name}.ts`)
  writeFileSync(
    path,
    `import { type Context, definePlugin, type Session } from "session-rescue"\nexport default definePlugin({ name: "${name}", stage: "${stage}", ${body} })\n`,
  )
  chmodSync(path, 0o644)
}
