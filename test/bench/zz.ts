import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeCorpus } from "../fixtures/corpus.ts"
import { timings } from "./measure.ts"
import { newHome } from "./workplace.ts"
const place = newHome("plugins")
writeCorpus(place.client, { seed: 3, count: 500, days: [1, 22] })
const folder = join(place.home, ".config/session-rescue/plugins")
for (let n = 0; n < 10; n++) {
  const stage = n < 2 ? "detect" : "classify", name = `own-${n}`
  mkdirSync(join(folder, stage), { recursive: true, mode: 0o755 })
  const body = stage === "detect" ? `agent: "${name}", async detect(ctx: Context) { return [] }, async examine(): Promise<never> { throw new Error("") }` : `async classify(session: Session, ctx: Context) { return null }`
  writeFileSync(join(folder, stage, name + ".ts"), `import { type Context, definePlugin, type Session } from "session-rescue"\nexport default definePlugin({ name: "${name}", stage: "${stage}", ${body} })\n`)
  chmodSync(join(folder, stage, name + ".ts"), 0o644)
}
const env = { HOME: place.home }
const bins = process.argv.slice(2)
const tasks = bins.flatMap((b) => [{ command: [b, "status"], env }, { command: [b, "status", "--no-plugins"], env }])
const t = timings(tasks, 60)
for (const [i, b] of bins.entries()) console.log(b, "with", t[2*i]!.best.toFixed(1), t[2*i]!.median.toFixed(1), "without", t[2*i+1]!.best.toFixed(1), t[2*i+1]!.median.toFixed(1))
