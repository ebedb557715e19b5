import { Database } from "bun:sqlite"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test"
import {
  appendFileSync,
  copyFileSync,
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { Machine, tree } from "../fixtures/machine.ts"
import { record, sessionId, user } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

/** Enough for the index to be asked. */
const count = 160
const kept = "what the index says"
const read = "please mend the login page"

let machine: Machine
let index: string
let fresh: Buffer

beforeAll(async () => {
  machine = new Machine()
  index = join(machine.data, "context-storage/session-rescue.db")
  for (let number = 1; number <= count; number++) machine.transcript(sessionId(number), { age: 3_600_000 })
  await settled(machine.transcriptPath(sessionId(count), "/work/one"))
  expect((await machine.run(["cx", "--live"])).code).toBe(0)
  markFacts()
  fresh = readFileSync(index)
})
afterAll(() => machine.dispose())

/** Whatever a test did to the index or to a transcript is undone: these are the ones that the facts are about. */
beforeEach(async () => {
  for (const end of ["", "-wal", "-shm"]) rmSync(index + end, { force: true })
  writeFileSync(index, fresh)
  await settled(index)
})

/** So that what comes from the index can be told from what was read. */
function markFacts(): void {
  const database = new Database(index)
  database.run("update file_facts set facts = json_set(facts, '$.title', ?)", [kept])
  database.close()
}

/** A file that was written within one tick of the clock may be written again without a trace. */
async function settled(path: string): Promise<void> {
  await until("a tick of the clock", () => Date.now() - lstatSync(path).ctimeMs > 200)
}

async function titles(): Promise<Map<string, string>> {
  const { json, code, stderr } = await machine.run(["status", "--all", "--json"])
  expect([code, stderr, json.warnings]).toEqual([0, "", []])
  return new Map(
    json.sessions.map((each: { id: string; title: string; transcript: string }) => [each.id, each.title]),
  )
}

async function expectAllRead(): Promise<void> {
  const found = await titles()
  expect([found.size, [...found.values()].includes(kept), found.get(sessionId(2))]).toEqual([
    count,
    false,
    read,
  ])
}

test("what is unchanged is not read, and nothing is written, not even beside the index", async () => {
  const before = tree(machine.root)
  const found = await titles()
  expect([found.size, [...new Set(found.values())]]).toEqual([count, [kept]])
  expect((await machine.run(["resume", "--all"])).stdout).toContain(kept)
  expect(tree(machine.root)).toEqual(before)
})

test("a title is searched among what the index has, unless the transcript changed since", async () => {
  const one = new Database(index)
  one.run("update file_facts set facts = json_set(facts, '$.title', 'only this one') where path like ?", [
    `%${sessionId(7)}%`,
  ])
  one.close()
  await settled(index)
  const found = await machine.run(["resume", "only this one", "--json"])
  expect([found.code, found.json.resumes?.map((each: { id: string }) => each.id)]).toEqual([
    0,
    [sessionId(7)],
  ])
  expect((await machine.run(["resume", read])).stderr).toContain(`no session matches "${read}"`)
})

describe("a transcript is read again when it was", () => {
  const talk = { cwd: "/work/one", at: new Date(Date.now() - 3_600_000) }
  const other = "please mend the logon page"
  const ways: [string, string, (path: string) => void][] = [
    [
      "appended to",
      read,
      (path) => appendFileSync(path, record({ ...talk, id: sessionId(10) }, 3, user("more"))),
    ],
    [
      "written again with the same size, and its time put back",
      other,
      (path) => {
        const { atime, mtime } = statSync(path)
        const text = readFileSync(path, "utf8").replaceAll(read, other)
        writeFileSync(path, text)
        utimesSync(path, atime, mtime)
      },
    ],
    [
      "replaced by another file with the same size and time",
      other,
      (path) => {
        const { atime, mtime } = statSync(path)
        writeFileSync(`${path}.new`, readFileSync(path, "utf8").replaceAll(read, other))
        utimesSync(`${path}.new`, atime, mtime)
        renameSync(`${path}.new`, path)
      },
    ],
    ["cut off", "untitled", (path) => truncateSync(path, 20)],
    ["given a second name", read, (path) => linkSync(path, join(machine.root, "second"))],
    ["touched", read, (path) => utimesSync(path, new Date(), new Date(Date.now() - 3_000_000))],
    [
      "replaced by a copy of itself",
      read,
      (path) => {
        copyFileSync(path, `${path}.new`)
        renameSync(`${path}.new`, path)
      },
    ],
  ]
  // each on a session of its own: the index knows nothing of it afterwards
  test.each(ways.map((way, at) => [way[0], sessionId(10 + at), way] as const))(
    "%s",
    async (_, id, [, title, change]) => {
      const before = await titles()
      expect([before.get(id), before.get(sessionId(2))]).toEqual([kept, kept])
      change(machine.transcriptPath(id, talk.cwd))
      const after = await titles()
      expect([after.get(id) ?? "untitled", after.get(sessionId(2))]).toEqual([title, kept])
    },
  )

  test("moved to another folder", async () => {
    const path = machine.transcriptPath(sessionId(3), "/work/one")
    const moved = machine.write(machine.transcriptPath(sessionId(3), "/work/two"), "")
    renameSync(path, moved)
    try {
      expect((await titles()).get(sessionId(3))).toBe(read)
    } finally {
      renameSync(moved, path)
    }
  })
})

describe("without a word, everything is read when the index is", () => {
  test("missing", async () => {
    rmSync(index)
    await expectAllRead()
  })

  test("damaged", async () => {
    const bytes = Buffer.from(fresh)
    bytes.fill(0x55, 100)
    writeFileSync(index, bytes)
    await settled(index)
    await expectAllRead()
  })

  test("not a database", async () => {
    writeFileSync(index, "no database")
    await settled(index)
    await expectAllRead()
  })

  test("of a newer version", async () => {
    alter("pragma user_version = 99")
    await settled(index)
    await expectAllRead()
  })

  test("from before there were facts", async () => {
    alter("drop table file_facts")
    await settled(index)
    await expectAllRead()
  })

  test("of another release, which may read a file differently", async () => {
    alter("update file_facts set format = 'other ' || format")
    await settled(index)
    await expectAllRead()
  })

  test("written by a run that was killed", async () => {
    const writer = new Database(index)
    writer.run("pragma wal_autocheckpoint = 0")
    writer.run("update file_facts set facts = json_set(facts, '$.title', 'newer')")
    const log = readFileSync(`${index}-wal`)
    writer.close()
    for (const end of ["", "-wal", "-shm"]) rmSync(index + end, { force: true })
    writeFileSync(index, fresh)
    writeFileSync(`${index}-wal`, log)
    await settled(index)
    await expectAllRead()
  })
})

test("an index that is being written is read as its last commit left it", async () => {
  const writer = new Database(index)
  writer.run("pragma wal_autocheckpoint = 0")
  writer.run("update file_facts set facts = json_set(facts, '$.title', 'committed')")
  writer.run("begin immediate")
  writer.run("update file_facts set facts = json_set(facts, '$.title', 'not committed')")
  try {
    expect((await titles()).get(sessionId(2))).toBe("committed")
  } finally {
    writer.run("rollback")
    writer.close()
  }
})

test("what has changed is in the index again after the next run of cx", async () => {
  const path = machine.transcriptPath(sessionId(5), "/work/one")
  appendFileSync(path, record({ id: sessionId(5), cwd: "/work/one", at: new Date() }, 3, user("more")))
  await settled(path)
  expect((await machine.run(["cx", "--live"])).code).toBe(0)
  markFacts()
  await settled(index)
  expect((await titles()).get(sessionId(5))).toBe(kept)
})

function alter(sql: string): void {
  const database = new Database(index)
  database.run(sql)
  database.close()
}
