/** Aider: histories in the folders that it is used in, as an archive and for search; nothing is said of processes. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Machine } from "../../fixtures/machine.ts"

let machine: Machine
let folder: string
let path: string
beforeEach(() => {
  machine = new Machine()
  folder = join(machine.root, "work")
  mkdirSync(join(folder, "deep/er"), { recursive: true })
  path = machine.write(join(folder, ".aider.chat.history.md"), text)
  machine.write(join(folder, ".aider.input.history"), "# 2026-11-02 10:00:05\n+where is the xylophone\n")
})
afterEach(() => machine.dispose())

const text = `
# aider chat started at 2026-11-02 10:00:00

> Aider v0.86.1

#### where is the xylophone

It is in the attic, beside the zither.
`

const inFolder = () => ({ env: { PWD: join(folder, "deep/er") } })

test("the history of a folder above is found, and no state is claimed for it", async () => {
  const { json } = await machine.run(["status", "--all", "--json"], inFolder())
  expect(json.sessions).toMatchObject([
    {
      ...{ agent: "aider", pid: null, state: "ORPHANED", detail: "state unknown", cwd: folder },
      title: "where is the xylophone",
    },
  ])
  const messages = json.sessions[0].evidence.map(({ message }: { message: string }) => message).join("\n")
  expect(messages).toContain("Aider leaves nothing that tells whether a process writes it")
  expect(messages).not.toContain("no process holds it")
  expect((await machine.run(["status", "--all", "--json"])).json.sessions).toEqual([])
})

test("it is saved with its prompts, again when it has grown; found, and shown", async () => {
  const { json } = await machine.run(["export", "--all", "--agent", "aider", "--json"], inFolder())
  const [saved] = json.exports
  expect([saved.status, readFileSync(saved.path)]).toEqual(["verified", readFileSync(path)])
  appendFileSync(path, "\n#### and the harp\n\nIn the cellar.\n")
  const again = await machine.run(["export", "--all", "--agent", "aider", "--json"], inFolder())
  expect(readFileSync(again.json.exports[0].path)).toEqual(readFileSync(path))
  rmSync(folder, { recursive: true })
  expect((await machine.run(["cx", "--json"])).code).toBe(0)
  const { hits } = (await machine.run(["cxq", "cellar", "--json"])).json
  expect(hits).toMatchObject([{ agent: "aider", session: saved.id }])
  expect((await machine.run(["show", saved.id])).stdout).toContain("beside the zither")
  const { code, stderr } = await machine.run(["restore", saved.id])
  expect([code, stderr]).toEqual([4, expect.stringContaining("--to /some/folder")])
  expect((await machine.run(["restore", saved.id, "--to", join(machine.root, "back")])).code).toBe(0)
})
