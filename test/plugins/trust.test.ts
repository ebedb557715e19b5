/** Code that somebody else could have put there is not run. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, chownSync, lchownSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { classifier, decides, PluginMachine } from "../fixtures/plugins.ts"

let machine: PluginMachine
beforeEach(() => {
  machine = new PluginMachine()
  machine.transcript(machine.id, {})
})
afterEach(() => machine.dispose())

const root = process.getuid?.() === 0
const asRoot = test.skipIf(!root) // only root can give a file away

/** The verdict, and the warnings. */
async function seen(): Promise<[string, string[]]> {
  const { json, code } = await machine.ask(["status", "--json"])
  expect(code).toBe(0)
  return [json.sessions[0].detail, json.warnings]
}

async function refusedFor(reason: string, fix: string): Promise<void> {
  const why = `the classify plugin good was left out: ${reason} (${fix})`
  expect(await seen()).toEqual(["closed", [why]])
  const { json } = await machine.ask(["plugin", "list", "--json"])
  const row = json.plugins.find((each: { name: string }) => each.name === "good")
  expect(row).toMatchObject({ source: "user", state: "refused", why: reason, fix })
}

test("a file that everybody can write is refused, until the chmod that is named was done", async () => {
  const path = machine.add("classify", "good", decides("good", "seen"))
  chmodSync(path, 0o666)
  await refusedFor(`${path} can be written by everybody`, `chmod o-w '${path}'`)
  Bun.spawnSync(["sh", "-c", `chmod o-w '${path}'; chmod g-w '${path}'`])
  expect(await seen()).toEqual(["seen", []])
})

test.each([
  ["the stage's folder", "plugins/classify"],
  ["the folder of all plugins", "plugins"],
  ["the home itself", "../.."],
])("%s must not be open to everybody either", async (_, below) => {
  machine.add("classify", "good", decides("good", "seen"))
  const folder = join(machine.config, below)
  chmodSync(folder, 0o1777) // the sticky bit helps nobody inside the home
  await refusedFor(`${folder} can be written by everybody`, `chmod o-w '${folder}'`)
})

asRoot("a group that is not the user's own may not write", async () => {
  const path = machine.add("classify", "good", decides("good", "seen"))
  chownSync(path, 0, 12345)
  chmodSync(path, 0o664)
  await refusedFor(`${path} can be written by its group (12345)`, `chmod g-w '${path}'`)
  chownSync(path, 0, 0) // root's own group
  expect(await seen()).toEqual(["seen", []])
})

asRoot("a file of another user is refused", async () => {
  const path = machine.add("classify", "good", decides("good", "seen"))
  chownSync(path, 12345, 0)
  await refusedFor(`${path} belongs to another user (12345)`, `chown 0 '${path}'`)
})

test("what a plugin imports must be as safe as itself, wherever it lies", async () => {
  const library = join(machine.home, "library")
  machine.add(
    "classify",
    "good",
    classifier(
      "good",
      'return { state: "ORPHANED", detail: word, evidence: [], flags: [] }',
      `import { word } from "${library}/word.ts"\nimport list from "./list.json"\nif (list.length !== 2) throw new Error("list")`,
    ),
  )
  const file = machine.write(`${library}/word.ts`, 'export const word: string = "imported"\n')
  chmodSync(library, 0o755)
  chmodSync(file, 0o644)
  chmodSync(machine.add("classify", "list.json", "[1, 2]"), 0o644)
  expect(await seen()).toEqual(["imported", []])
  chmodSync(library, 0o757)
  await refusedFor(`${library} can be written by everybody`, `chmod o-w '${library}'`)
})

test("a plugin may be a folder, with an index and files beside it", async () => {
  machine.add(
    "classify",
    "good/index.ts",
    classifier(
      "good",
      'return { state: "ORPHANED", detail: word, evidence: [], flags: [] }',
      'import { word } from "./word.ts"',
    ),
  )
  const file = machine.add("classify", "good/word.ts", 'export const word = "from beside"')
  chmodSync(join(machine.plugins, "classify/good"), 0o755)
  expect(await seen()).toEqual(["from beside", []])
  chmodSync(file, 0o646)
  await refusedFor(`${file} can be written by everybody`, `chmod o-w '${file}'`)
})

test("a linked folder is followed, and what it leads to is looked at all the way", async () => {
  machine.add("classify", "good", decides("good", "seen"))
  const dotfiles = join(machine.home, "dotfiles")
  mkdirSync(dotfiles, { mode: 0o755 })
  renameSync(machine.plugins, join(dotfiles, "plugins"))
  symlinkSync("../../dotfiles/plugins", machine.plugins)
  expect(await seen()).toEqual(["seen", []])
  chmodSync(dotfiles, 0o777)
  await refusedFor(`${dotfiles} can be written by everybody`, `chmod o-w '${dotfiles}'`)
})

asRoot("a link that another user has made is refused", async () => {
  machine.add("classify", "good", decides("good", "seen"))
  renameSync(machine.plugins, `${machine.plugins}-real`)
  symlinkSync(`${machine.plugins}-real`, machine.plugins)
  lchownSync(machine.plugins, 12345, 0)
  await refusedFor(`${machine.plugins} belongs to another user (12345)`, `chown -h 0 '${machine.plugins}'`)
})

test("a folder elsewhere is looked at up to the root", async () => {
  const elsewhere = join(machine.root, "elsewhere")
  machine.add("classify", "good", decides("good", "seen"))
  renameSync(machine.plugins, elsewhere)
  symlinkSync(elsewhere, machine.plugins)
  expect(await seen()).toEqual(["seen", []])
  chmodSync(machine.root, 0o777)
  await refusedFor(`${machine.root} can be written by everybody`, `chmod o-w '${machine.root}'`)
})

test("a link that leads nowhere or in circles is no reason to fail", async () => {
  rmSync(machine.plugins, { recursive: true })
  symlinkSync(machine.plugins, machine.plugins)
  expect(await seen()).toEqual(["closed", []])
})

test("the working folder is never looked into", async () => {
  const here = join(machine.root, "work")
  machine.write(join(here, "plugins/classify/good.ts"), decides("good", "seen"))
  machine.write(join(here, ".config/session-rescue/plugins/classify/good.ts"), decides("good", "seen"))
  const { json } = await machine.run(["status", "--json"], { env: machine.bareTools, cwd: here })
  expect(json.sessions[0].detail).toBe("closed")
})

test("XDG_CONFIG_HOME says where they lie", async () => {
  machine.add("classify", "good", decides("good", "seen"))
  const { json } = await machine.ask(["status", "--json"], { XDG_CONFIG_HOME: join(machine.root, "nowhere") })
  expect(json.sessions[0].detail).toBe("closed")
})
