import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { until } from "../fixtures/until.ts"
import { contents, footprintOf, id, Rescued, snapshot } from "./rescued.ts"

let machine: Rescued
beforeEach(() => {
  machine = new Rescued()
})
afterEach(() => machine.dispose())

/** Refused for safety, and nothing at all was written. */
async function refused(...args: string[]): Promise<string> {
  const before = snapshot(machine.root)
  const { code, json } = await machine.restore(...args, "--json")
  expect([code, json.error?.code]).toEqual([4, "REFUSED"])
  expect(snapshot(machine.root)).toEqual(before)
  return `${json.error.message}\n${json.error.hint}`
}

test("while a process holds the session nothing is put back, with --force neither", async () => {
  await machine.export()
  unlinkSync(machine.transcriptFile)
  const client = await machine.client({ cwd: machine.cwd })
  machine.registry(client, id, { cwd: machine.cwd })
  expect(await refused(id)).toContain(`process ${client.pid} holds this session`)
  expect(await refused(id, "--force")).toContain(`--kill ${client.pid}`)
  await client.end()
  expect((await machine.restore(id)).code).toBe(0)
})

test("a client that runs in its folder, of which nobody knows what it holds, is not written under", async () => {
  await machine.export()
  machine.loseHome()
  mkdirSync(machine.claude)
  const client = await machine.client({ cwd: machine.cwd })
  expect(await refused(id)).toContain(`process ${client.pid} runs in its folder and may hold this session`)
  await client.end()
})

test("another session's client in the same folder is no hindrance", async () => {
  await machine.export()
  unlinkSync(machine.transcriptFile)
  const client = await machine.client({ cwd: machine.cwd })
  machine.registry(client, id.replace("a0000001", "b0000002"), { cwd: machine.cwd })
  expect((await machine.restore(id)).code).toBe(0)
})

test("a transcript that is written from elsewhere is not touched", async () => {
  await machine.export()
  const script = `while :; do printf '%s\\n' '{"type":"user"}' >> '${machine.transcriptFile}'; sleep 0.02; done`
  const size = readFileSync(machine.transcriptFile).length
  const writer = machine.start(["sh", "-c", script])
  await until("it to grow", () => readFileSync(machine.transcriptFile).length > size)
  const { code, json } = await machine.restore(id, "--force", "--json")
  expect([code, json.error?.code]).toEqual([4, "REFUSED"])
  expect(json.error.message).toContain("is being written")
  await writer.end()
})

describe("what stands in the way", () => {
  const project = () => dirname(machine.transcriptFile)
  const ways: [string, () => void][] = [
    [
      "a link in the transcript's place",
      () => symlinkSync(join(machine.root, "victim"), machine.transcriptFile),
    ],
    ["a dangling link there", () => symlinkSync(join(machine.root, "nowhere"), machine.transcriptFile)],
    ["a folder there", () => mkdirSync(machine.transcriptFile)],
    ["a FIFO there", () => void Bun.spawnSync(["mkfifo", machine.transcriptFile])],
    ["a linked project folder", () => swapForLink(project())],
    ["a linked folder of the session", () => swapForLink(machine.own)],
    ["a linked file-history", () => swapForLink(join(machine.claude, "file-history"))],
    [
      "a file in the place of a folder",
      () => {
        rmSync(machine.own, { recursive: true })
        writeFileSync(machine.own, "in the way")
      },
    ],
  ]
  function swapForLink(path: string): void {
    const away = join(machine.root, "outside")
    rmSync(path, { recursive: true, force: true })
    mkdirSync(away)
    symlinkSync(away, path)
  }

  test.each(ways)("%s: nothing is followed, replaced or written, not even with --force", async (_, plant) => {
    await machine.export()
    writeFileSync(join(machine.root, "victim"), "precious")
    unlinkSync(machine.transcriptFile)
    plant()
    await refused(id)
    await refused(id, "--force")
    expect(readFileSync(join(machine.root, "victim"), "utf8")).toBe("precious")
    expect(existsSync(join(machine.root, "nowhere"))).toBe(false)
  })
})

describe("--to", () => {
  test("unpacks anywhere, as below a home, without looking at what runs; the home stays as it is", async () => {
    const before = footprintOf(machine)
    await machine.export()
    const client = await machine.client({ cwd: machine.cwd })
    machine.registry(client, id, { cwd: machine.cwd })
    const home = snapshot(machine.claude)
    const { code, json } = await machine.restore(id, "--to", "look/here", "--json")
    expect([code, json.restore.resume]).toEqual([0, null])
    expect(contents(join(machine.root, "look/here"))).toEqual(before)
    expect(snapshot(machine.claude)).toEqual(home)
    expect((await machine.restore(id, "--to", "look/here")).code).toBe(0) // equal: left alone
  })

  test("never replaces a different file there", async () => {
    await machine.export()
    machine.write(join(machine.root, "look/tasks", id, "1.json"), "mine")
    expect(await refused(id, "--to", "look", "--force")).toContain("empty folder")
  })

  test("does not lead around the checks of a home", async () => {
    await machine.export()
    for (const folder of [machine.claude, join(machine.claude, "projects/new")]) {
      const { code, json } = await machine.restore(id, "--to", folder, "--json")
      expect([code, json.error?.code]).toEqual([2, "USAGE"])
    }
  })
})
