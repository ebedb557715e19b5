import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Bench, compare } from "../bench.ts"
import { addSession, binary, newHome } from "../homes.ts"

/** What a turn waits for when it ends: the hook that setup registers, run as the client runs it. At most 10 ms. */
export const hook: Bench = {
  name: "hook",
  async run(scale) {
    const place = newHome("hook")
    try {
      const env = { HOME: place.home, SESSION_RESCUE_DATA: place.data }
      const input = join(place.home, "input.json")
      writeFileSync(input, JSON.stringify({ session_id: addSession(place, 20_000), cwd: place.home }))
      const task = (command: string) => ({ command: ["sh", "-c", `{ ${command}\n} < '${input}'`], env })
      return await compare(
        "what a turn waits for its Stop hook",
        task(registeredFor("Stop", place.client, env)),
        [{ name: "a shell, and 10 ms", task: task("sleep 0.01"), means: "as long", wanted: 1 }],
        scale.rounds(40),
      )
    } finally {
      place.remove()
    }
  },
}

function registeredFor(event: string, client: string, env: Record<string, string>): string {
  mkdirSync(client, { recursive: true })
  const setup = Bun.spawnSync([binary, "setup", "--hooks"], { env: { ...process.env, ...env } })
  if (setup.exitCode !== 0) throw new Error(`setup --hooks failed: ${setup.stderr}`)
  return JSON.parse(readFileSync(join(client, "settings.json"), "utf8")).hooks[event][0].hooks[0].command
}
