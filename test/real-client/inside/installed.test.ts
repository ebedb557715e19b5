import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import manifest from "../../../package.json"
import { makeRelease, publish, serve } from "../../install/release.ts"
import { type Client, openClient } from "../driving/client.ts"
import { binary } from "../harness/binary.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)
const { version } = manifest

await eachClient("installed by the line people paste, beside a client", withRegistry, (real) => {
  let scratch: ScratchHome
  let client: Client
  let server: ReturnType<typeof serve>

  beforeAll(async () => {
    const release = makeRelease({ version, names: ["linux-x64"], binary: () => readFileSync(binary) })
    server = serve(release)
    writeFileSync(join(release, "install.sh"), readFileSync(publish(server.url, version)))
    scratch = await openScratchHome(real.executable, ["one"])
    client = await openClient(scratch, "one")
  })
  afterAll(async () => {
    server?.stop()
    await scratch?.close()
  })

  test("from its own terminal: installed, the session found, everything taken away again", async () => {
    await client.chat("good morning")
    const { sessionId } = await client.says("idle")
    const terminal = await scratch.terminal("one")
    const target = "SESSION_RESCUE_TARGET=linux-x64"
    await terminal.line(`curl -fsSL ${server.url}/install.sh | ${target} sh`)
    await terminal.shows("Next: $HOME/.local/bin/session-rescue --status")
    await terminal.line("clear; $HOME/.local/bin/session-rescue --status | cat")
    await terminal.shows(/ACTIVE +waiting for you · /)
    for (const fact of [`pid ${client.pid}`, sessionId.slice(0, 8)]) await terminal.shows(fact) // the line may wrap
    await terminal.line("$HOME/.local/bin/session-rescue setup --commands --hooks | tail -1")
    await terminal.shows("type /session-rescue")
    await terminal.line("clear; $HOME/.local/bin/session-rescue uninstall | tail -1")
    await terminal.shows("it is uninstalled")
    for (const path of [".local/bin/session-rescue", ".claude/commands", ".claude/settings.json"])
      expect([path, existsSync(join(scratch.home, path))]).toEqual([path, false])
  })
})
