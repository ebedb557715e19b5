/** A client in a home that only its own environment names: once it is gone, nothing else tells where that was. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { shellClient } from "../fixtures/fake-clients.ts"
import { binary, Machine } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { writesOnTerm } from "./harness/clients.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

test("what it wrote while it left is saved from there, and the next line finds it again", async () => {
  const id = sessionId(1)
  const home = join(machine.root, "it's another")
  const cwd = machine.root
  const transcript = machine.write(
    join(home, "projects", cwd.replace(/[^A-Za-z0-9]/g, "-"), `${id}.jsonl`),
    conversation({ id, cwd, at: new Date() }),
  )
  const ready = join(machine.root, "ready")
  const { pid, procStart } = shellClient(machine, `: > "$2"; ${writesOnTerm}`, {
    args: [transcript, ready],
    env: { CLAUDE_CONFIG_DIR: home },
  })
  const entry = { pid, procStart, sessionId: id, status: "idle", cwd }
  machine.write(join(home, `sessions/${pid}.json`), JSON.stringify(entry))
  await until("the client to be ready", () => Bun.file(ready).exists())
  const { code, stdout } = await machine.run(["kill", String(pid), "--force", "--verbose"])
  const [, last = ""] = /while exiting: .* in (\/.*\.jsonl), verified$/m.exec(stdout) ?? []
  expect([code, readFileSync(last, "utf8")]).toEqual([0, readFileSync(transcript, "utf8")])
  expect(readFileSync(last, "utf8")).toEndWith('{"type":"last-prompt"}\n')
  const next = stdout.match(/^Next: (.*)$/m)?.[1]?.replace("session-rescue", binary)
  expect(await machine.run(["-c", next ?? "false"], { binary: "/bin/sh" })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`claude --resume ${id}`),
  })
})
