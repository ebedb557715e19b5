/** A session is filed under another folder: by `restore --folder` from an export, by `resume --folder` from its home. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { contents, id, Rescued, snapshot } from "./rescued.ts"

let machine: Rescued
let moved: string
beforeEach(() => {
  machine = new Rescued()
  moved = join(machine.root, "moved to", "wörk")
  mkdirSync(dirname(moved))
  renameSync(machine.cwd, moved)
})
afterEach(() => machine.dispose())

const old = { PATH: "/nowhere" }
const resume = (...args: string[]) => machine.run(["resume", id, ...args], { env: old })
const nameOf = (folder: string) => folder.replace(/[^A-Za-z0-9]/g, "-")
const filed = (folder: string) => join(machine.claude, "projects", nameOf(folder))

/** All below the project folder of `folder`, as it was below that of `before`. */
function expectWhole(folder: string, whole: Map<string, string>) {
  expect(contents(filed(folder))).toEqual(whole)
}

test("resume --folder saves it, files it whole under the new folder, and names the old place", async () => {
  const whole = contents(filed(machine.cwd))
  const { code, stdout } = await resume("--folder", moved)
  expect(code).toBe(0)
  expectWhole(moved, whole)
  expectWhole(machine.cwd, whole) // nothing is taken away
  expect(machine.exports()).toHaveLength(1)
  expect(stdout).toContain(`filed under ${moved}; its records still name ${machine.cwd}`)
  expect(stdout).toContain(`also there, unchanged: ${machine.transcriptFile.replace(machine.home, "~")}`)
  expect(stdout.trimEnd().split("\n").at(-1)).toBe(`cd '${moved}' && claude --resume ${id}`)
})

test("what is not below a project folder stays where it was", async () => {
  const others = () =>
    new Map([...contents(machine.claude)].filter(([name]) => !name.startsWith("projects/")))
  const before = others()
  await resume("--folder", moved)
  expect(others()).toEqual(before)
})

test("restore --folder does the same from an export, also where the home is gone", async () => {
  const whole = contents(filed(machine.cwd))
  await machine.export()
  machine.loseHome()
  const { code, json } = await machine.run(["restore", id, "--folder", moved, "--json"], { env: old })
  expect([code, json.restore.folder, json.restore.elsewhere]).toEqual([0, moved, []])
  expectWhole(moved, whole)
  expect(
    [...contents(join(machine.claude, "projects")).keys()].every((name) => name.startsWith(nameOf(moved))),
  ).toBe(true)
  expect(json.restore.resume).toMatchObject({
    ...{ command: `cd '${moved}' && claude --resume ${id}`, cwd: moved },
    note: `it is filed under ${moved}; its records name ${machine.cwd}`,
  })
})

test("asked again it is all there; gone on since, it is left alone", async () => {
  await resume("--folder", moved)
  const again = await machine.run(["restore", id, "--folder", moved, "--json"], { env: old })
  const outcomes = (answer: typeof again) =>
    new Set(answer.json.restore.files.map((file: { outcome: string }) => file.outcome))
  expect(outcomes(again)).toEqual(new Set(["equal"]))
  const path = join(filed(moved), `${id}.jsonl`)
  const gone = `${readFileSync(path, "utf8")}{"type":"user"}\n`
  machine.write(path, gone)
  const more = await machine.run(["restore", id, "--folder", moved, "--json"], { env: old })
  expect(outcomes(more)).toEqual(new Set(["equal", "existing-is-longer"]))
  expect(readFileSync(path, "utf8")).toBe(gone)
})

test("another one that stands there is not replaced", async () => {
  const saved = await machine.export()
  const path = machine.write(
    join(filed(moved), `${id}.jsonl`),
    conversation({ id, cwd: moved, at: new Date(1e12) }),
  )
  const before = snapshot(machine.claude)
  const { code, stderr } = await machine.run(["restore", saved, "--folder", moved], {
    env: old,
  })
  expect([code, stderr.includes("exists and differs from the export")]).toEqual([4, true])
  expect(stderr).toContain(path)
  expect(snapshot(machine.claude)).toEqual(before)
})

test("a link in the new folder's path counts by where it leads: there its client finds itself", async () => {
  const link = join(machine.root, "link")
  symlinkSync(moved, link)
  const { stdout } = await resume("--folder", link)
  expect(stdout).toEndWith(`cd '${moved}' && claude --resume ${id}\n`)
  expect(contents(filed(moved)).size).toBeGreaterThan(0)
})

test("~ and . are folders, too", async () => {
  const own = join(machine.home, "shop")
  mkdirSync(own)
  expect((await resume("--folder", "~/shop")).stdout).toContain(`cd '${own}' && `)
  const { stdout } = await machine.run(["resume", id, "--folder", "."], { env: old, cwd: moved })
  expect(stdout).toContain(`cd '${moved}' && `)
})

describe("nothing is written", () => {
  const refused = async (args: string[], code: number, says: string) => {
    const before = snapshot(machine.claude)
    const answer = await machine.run(args, { env: old })
    expect([answer.code, answer.stderr]).toEqual([code, expect.stringContaining(says)])
    expect(snapshot(machine.claude)).toEqual(before)
  }

  test("without a folder that is there, one session, or with --to", async () => {
    await refused(["resume", id, "--folder", machine.cwd], 2, "is not a folder")
    await refused(["resume", id, "--folder", machine.transcriptFile], 2, "is not a folder")
    await refused(["resume", "--folder", moved], 2, "takes one session")
    await refused(["resume", id, id, "--folder", moved], 2, "takes one session")
    await refused(["resume", id, "--all", "--folder", moved], 2, "takes one session")
    await refused(["restore", id, "--folder", moved, "--to", "/tmp/x"], 2, "cannot be combined")
  })

  test("while a client holds it, here or where it is to go", async () => {
    const holder = await machine.client()
    machine.registry(holder, id, { cwd: machine.root })
    await refused(["resume", id, "--folder", moved], 4, "holds this session")
    await holder.end()
    rmSync(join(machine.claude, "sessions"), { recursive: true })
    const likely = await machine.client({ cwd: moved })
    await refused(["resume", id, "--folder", moved], 4, `process ${likely.pid} runs in its folder`)
  })

  test("where it cannot be saved first", async () => {
    machine.write(machine.data, "a file")
    await refused(["resume", id, "--folder", moved], 1, machine.data)
  })

  test("by a dry run", async () => {
    await machine.export()
    const before = snapshot(machine.claude)
    const { code, json } = await machine.run(["restore", id, "--folder", moved, "--dry-run", "--json"], {
      env: old,
    })
    const [first] = json.restore.files
    expect([code, first.outcome, first.path]).toEqual([0, "restored", join(filed(moved), `${id}.jsonl`)])
    expect(snapshot(machine.claude)).toEqual(before)
  })
})

test("afterwards the id alone names the copy that has gone on", async () => {
  await resume("--folder", moved)
  const path = join(filed(moved), `${id}.jsonl`)
  machine.write(path, readFileSync(path, "utf8") + conversation({ id, cwd: moved, at: new Date() }))
  const { json, code } = await machine.run(["resume", id, "--json"], { env: old })
  expect([code, json.resumes[0].command]).toEqual([0, `cd '${moved}' && claude --resume ${id}`])
  expect(json.warnings[0]).toContain("has 2 transcripts")
})

test("of a session in two places what lies beside its transcript is filed; the rest stays, nothing is lost", async () => {
  const whole = contents(filed(machine.cwd))
  await resume("--folder", moved)
  const path = join(filed(moved), `${id}.jsonl`)
  machine.write(path, `${readFileSync(path, "utf8")}{"type":"user"}\n`)
  machine.write(join(filed(moved), id, "tool-results/b.txt"), "another result\n")
  const before = contents(filed(moved))
  const third = join(machine.root, "third")
  mkdirSync(third)
  const { code, stdout } = await resume("--folder", third)
  expect([code, stdout.trimEnd().split("\n").at(-1)]).toEqual([0, `cd '${third}' && claude --resume ${id}`])
  expectWhole(third, before)
  expectWhole(moved, before)
  expectWhole(machine.cwd, whole)
})

test("a session of Windows is filed under a folder here", async () => {
  const other = sessionId(7)
  machine.transcript(other, { cwd: "C:\\Users\\anna\\shop" })
  const { code, stdout } = await machine.run(["resume", other, "--folder", moved], { env: old })
  expect([code, stdout.trimEnd().split("\n").at(-1)]).toEqual([
    0,
    `cd '${moved}' && claude --resume ${other}`,
  ])
})
