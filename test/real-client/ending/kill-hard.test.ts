import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Client, openClient } from "../driving/client.ts"
import { transcriptsOf } from "../driving/client-files.ts"
import { end, expectNothingLost, expectUsable } from "../driving/killing.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(60_000)
const shells: Record<string, string[]> = {
  bash: ["bash", "--norc", "--noprofile"],
  dash: ["dash", "-i"],
  zsh: ["zsh", "-f"],
}
const present = Object.keys(shells).filter((shell) => Bun.which(shell) !== null)
for (const shell of Object.keys(shells))
  if (!present.includes(shell))
    console.warn(`\nSKIPPED: terminals in ${shell}, because there is no ${shell} here\n`)

await eachClient("kill, when TERM is not enough", withRegistry, (real) => {
  let scratch: ScratchHome
  const killed: Record<string, Client> = {}
  const told: Record<string, Client> = {}

  beforeAll(async () => {
    const folders = present.flatMap((shell) => [`${shell} killed`, `${shell} told`])
    scratch = await openScratchHome(real.executable, folders)
    // a client that leaves at once would be gone before it is killed where this machine is busy
    const leaving = { hooks: { SessionEnd: [{ hooks: [{ type: "command", command: "sleep 20" }] }] } }
    for (const shell of present) {
      mkdirSync(join(scratch.folder(`${shell} killed`), ".claude"))
      writeFileSync(join(scratch.folder(`${shell} killed`), ".claude/settings.json"), JSON.stringify(leaving))
    }
    await Promise.all(
      present.flatMap((shell) => [
        openClient(scratch, `${shell} killed`, "", shells[shell]).then(async (client) => {
          killed[shell] = client
          await client.ask(`think in ${shell} @@hang`)
        }),
        openClient(scratch, `${shell} told`, "", shells[shell]).then(async (client) => {
          told[shell] = client
          await client.chat(`good evening ${shell}`)
        }),
      ]),
    )
  })
  afterAll(() => scratch?.close())

  test.each(present)(
    "in %s, one that has no time to leave is killed, and the terminal put right",
    async (shell) => {
      const client = killed[shell] as Client
      const kill = await end(scratch, client, "--grace", "0s")
      expect([kill.outcome, kill.terminal]).toEqual(["killed", "reset"])
      expectNothingLost(kill, transcriptsOf(scratch.home, client.cwd)[0])
      await expectUsable(client.terminal)
    },
  )

  test.each(present)("in %s, one that leaves on TERM leaves the terminal usable", async (shell) => {
    const client = told[shell] as Client
    const kill = await end(scratch, client)
    expect([kill.outcome, kill.terminal]).toEqual(["ended", null])
    expectNothingLost(kill, transcriptsOf(scratch.home, client.cwd)[0])
    await expectUsable(client.terminal)
  })
})
