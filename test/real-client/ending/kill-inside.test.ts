import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { binary } from "../harness/binary.ts"
import type { KillDocument } from "../harness/contract.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(60_000)

await eachClient("kill, asked from inside a client", withRegistry, (real) => {
  let scratch: ScratchHome
  let client: Client

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["asking"])
    const folder = scratch.folder("asking")
    const ask = `'${binary}' kill "$CLAUDE_CODE_SESSION_ID" --force --json --data-dir '${scratch.data}' > "$1.part"
mv "$1.part" "$1.json"
`
    writeFileSync(join(folder, "end.sh"), ask)
    const socket = join(scratch.root, "leak")
    writeFileSync(
      join(folder, "leak.sh"),
      `tmux -S '${socket}' -f /dev/null new-session -d 'sh end.sh leaked'\n`,
    )
    client = await openClient(scratch, "asking", mayRun)
    await client.chat(
      'end yourself @@tool Bash {"command":"sh end.sh tool"} @@tool Bash {"command":"sh leak.sh"}',
    )
  })
  afterAll(() => scratch?.close())

  async function answer(name: string) {
    const file = join(scratch.folder("asking"), `${name}.json`)
    await until(`the answer "${name}"`, () => existsSync(file))
    const [kill] = (JSON.parse(readFileSync(file, "utf8")) as KillDocument).kills
    return kill
  }

  test("from its own tool it is refused, and nothing is written", async () => {
    expect(await answer("tool")).toMatchObject({ outcome: "refused", reason: "this program runs inside it" })
    expect([isAlive(client.pid), existsSync(scratch.data)]).toEqual([true, false])
  })

  test("from a tmux pane that inherited its variable it is refused, with the line that helps", async () => {
    const kill = await answer("leaked")
    expect(kill).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("CLAUDE_CODE_SESSION_ID"),
    })
    expect(isAlive(client.pid)).toBe(true)
  })
})
