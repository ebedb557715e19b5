import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeCorpus } from "../../fixtures/talk/corpus.ts"
import { type Bench, compare } from "../bench.ts"
import { binary, newHome } from "../homes.ts"

const many = 10

/** Ten plugins of the user's own, each asked, may add 25 ms: as much as a shell that waits that long after status. */
export const plugins: Bench = {
  name: "plugins",
  async run(scale) {
    const place = newHome("plugins")
    try {
      const count = scale.count(1000)
      writeCorpus(place.client, { seed: count, count, days: [1, 22] })
      const folder = join(place.home, ".config/session-rescue/plugins")
      for (let n = 0; n < many; n++) add(folder, n < 2 ? "detect" : "classify", `own-${n}`)
      const command = [binary, "status", "--data-dir", place.data]
      const env = { HOME: place.home }
      const without = [...command, "--no-plugins"]
      const budget = ["sh", "-c", '"$@"; sleep 0.025', "sh", ...without]
      const against = [
        { name: "without them, and 25 ms", task: { command: budget, env }, means: "as long", wanted: 1 },
        { name: "without them", task: { command: without, env }, means: "as long" },
      ] as const
      return await compare(
        `status with ${many} plugins of one's own`,
        { command, env },
        against,
        scale.rounds(25),
      )
    } finally {
      place.remove()
    }
  },
}

function add(folder: string, stage: string, name: string): void {
  mkdirSync(join(folder, stage), { recursive: true, mode: 0o755 })
  const body =
    stage === "detect"
      ? `agent: "${name}", async detect(ctx: Context) { return ctx.files.names(ctx.paths.home + "/.${name}").map(() => null as never) },
         async examine(): Promise<never> { throw new Error("nothing to examine") }`
      : `async classify(session: Session, ctx: Context) { return session.lastActivity === ctx.now ? null : null }`
  const path = join(folder, stage, `${name}.ts`)
  const head = `import { type Context, definePlugin, type Session } from "session-rescue"`
  writeFileSync(
    path,
    `${head}\nexport default definePlugin({ name: "${name}", stage: "${stage}", ${body} })\n`,
  )
  chmodSync(path, 0o644)
}
