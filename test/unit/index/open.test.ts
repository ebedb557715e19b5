import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { readParts } from "../../../plugins/detect/claude-code/parts/parts.ts"
import { IndexReader, IndexWriter, rebuildIndex } from "../../../src/index/index.ts"
import { createSchema, schemaState } from "../../../src/index/store/schema.ts"
import { type Mount, tmpfs } from "../../faults/harness/mounts.ts"
import { able } from "../../faults/tools.ts"
import { IndexHarness, prompts, silentProgress } from "./index-harness.ts"

let harness: IndexHarness
beforeEach(() => {
  harness = new IndexHarness()
})
afterEach(() => harness.dispose())

const refusal = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error("it did not fail")
}

test("one that another process is making is never taken for somebody else's", () => {
  for (let moment = 0; moment < 6; moment++) {
    const path = join(harness.root, `${moment}.db`)
    const [one, other] = [new Database(path), new Database(path)]
    let calls = 0
    const query = (sql: string) => {
      if (calls++ === moment) createSchema(other)
      return one.query(sql)
    }
    expect([moment, schemaState({ query } as unknown as Database)]).toEqual([
      moment,
      expect.stringMatching(/new|current/),
    ])
    one.close()
    other.close()
  }
})

describe("an index that cannot be used", () => {
  test("its folder cannot be made: says which", () => {
    const file = join(harness.root, "file")
    writeFileSync(file, "")
    expect(refusal(() => new IndexWriter(join(file, "folder/index.db"), () => {}))).toMatchObject({
      code: "CANNOT_WRITE",
      message: expect.stringContaining(`${file}/folder`),
    })
  })

  test("none yet: says how to make one, and makes nothing", () => {
    expect(refusal(() => new IndexReader(harness.database))).toMatchObject({
      code: "NO_INDEX",
      hint: expect.stringContaining("session-rescue cx"),
    })
    expect(existsSync(dirname(harness.database))).toBe(false)
  })

  test.each([
    [
      "no database at all",
      () => writeFileSync(harness.database, "this is not a database, it only has its name".repeat(300)),
    ],
    ["a half", () => truncateSync(harness.database, 20_000)],
    [
      "another program's",
      () => {
        writeFileSync(harness.database, "")
        const database = new Database(harness.database)
        database.run("create table theirs (a)")
        database.close()
      },
    ],
    [
      "a newer version's",
      () => {
        const database = new Database(harness.database)
        database.run("pragma user_version = 999")
        database.close()
      },
    ],
  ])("%s: said when asked, kept aside when written, and begun anew", async (_, spoil) => {
    const path = harness.write(prompts(harness.talk, ["as before"]))
    await harness.read(path)
    spoil()
    const spoilt = readFileSync(harness.database)
    expect(refusal(() => harness.texts("before"))).toMatchObject({ code: "NO_INDEX" })
    expect(readFileSync(harness.database).equals(spoilt)).toBe(true)
    expect(await harness.read(path)).toMatchObject({ state: "new", parts: 1 })
    expect(harness.texts("before")).toEqual(["as before"])
    const kept = join(dirname(harness.database), "session-rescue.aside-1.db")
    expect(harness.aside).toEqual([expect.stringContaining(kept)])
    expect(readFileSync(kept).equals(spoilt)).toBe(true)
  })

  test("one that another process holds is waited for, and then said to be in use", async () => {
    await harness.read(harness.write(prompts(harness.talk, ["first"])))
    const other = new Database(harness.database)
    other.run("begin immediate")
    const writer = new IndexWriter(harness.database, () => {}, { busyTimeoutMs: 300 })
    const asked = writer.update(
      harness.source(harness.write(prompts(harness.talk, ["second"], 1), "2.jsonl")),
      readParts,
      silentProgress,
    )
    expect(await asked.catch((error) => error)).toMatchObject({
      ...{ code: "CANNOT_WRITE", message: expect.stringContaining("in use by another process") },
    })
    expect(harness.texts("first")).toEqual(["first"]) // reading goes on meanwhile
    other.run("rollback")
    other.close()
    writer.close()
  })

  test("nobody else may read it: the folder 0700, the files 0600 whatever the umask", async () => {
    const before = process.umask(0)
    try {
      const writer = harness.writer()
      await writer.update(
        harness.source(harness.write(prompts(harness.talk, ["private"]))),
        readParts,
        silentProgress,
      )
      writer.commit()
      const folder = dirname(harness.database)
      expect(statSync(folder).mode & 0o777).toBe(0o700)
      const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777])
      expect(modes.length).toBeGreaterThan(1)
      for (const [name, mode] of modes) expect([name, mode]).toEqual([name, 0o600])
      writer.close()
      chmodSync(harness.database, 0o644)
      harness.writer().close()
      expect(statSync(harness.database).mode & 0o777).toBe(0o600)
    } finally {
      process.umask(before)
    }
  })
})

describe("several at once", () => {
  test("two writers, one after another in turns: every file once, and no number twice", async () => {
    const files = Array.from({ length: 12 }, (_, n) => {
      return harness.write(
        prompts({ ...harness.talk, cwd: `/work/${n}` }, [`text ${n}`, `more ${n}`], n * 2),
        `${n}.jsonl`,
      )
    })
    const [one, two] = [harness.writer(), harness.writer()]
    for (const [n, path] of files.entries()) {
      const writer = n % 2 === 0 ? one : two
      await writer.update(harness.source(path), readParts, silentProgress)
      writer.commit()
    }
    for (const path of files) {
      await one.update(harness.source(path), readParts, silentProgress)
      one.commit()
      await two.update(harness.source(path), readParts, silentProgress)
      two.commit()
    }
    one.close()
    two.close()
    expect(harness.texts("text")).toHaveLength(12)
    expect(harness.ask((index) => index.stats())).toMatchObject({ parts: 24, sources: { present: 12 } })
    const hits = harness.ask((index) =>
      index.search("more", {}, 50).hits.map(({ text, project }) => `${project} ${text}`),
    )
    expect(hits.toSorted()).toEqual(files.map((_, n) => `/work/${n} more ${n}`).toSorted())
  })

  test("processes that start together on nothing", async () => {
    const paths = [0, 1, 2].map((n) => harness.write(prompts(harness.talk, [`text ${n}`], n), `${n}.jsonl`))
    const program = join(import.meta.dir, "index-one.ts")
    const started = paths.map((path) => {
      return Bun.spawn([process.execPath, program, harness.database, path], {
        stdout: "ignore",
        stderr: "pipe",
      })
    })
    const ended = await Promise.all(
      started.map(async (child) => ({
        code: await child.exited,
        says: await new Response(child.stderr).text(),
      })),
    )
    expect(ended).toEqual(paths.map(() => ({ code: 0, says: "" })))
    expect(harness.texts("text")).toHaveLength(3)
  })
})

describe("made anew", () => {
  test("the old index answers until the new one is whole, then the new one does", async () => {
    await harness.read(harness.write(prompts(harness.talk, ["old times"])))
    const path = harness.write(prompts(harness.talk, ["new times"]), "new.jsonl")
    await rebuildIndex(harness.database, async (index) => {
      await index.update(harness.source(path), readParts, silentProgress)
      index.commit()
      expect(harness.texts("times")).toEqual(["old times"])
    })
    expect(harness.texts("times")).toEqual(["new times"])
    expect(readdirSync(dirname(harness.database)).filter((name) => name.includes(".new"))).toEqual([])
  })

  test("an attempt that fails leaves the old one and nothing else", async () => {
    await harness.read(harness.write(prompts(harness.talk, ["old times"])))
    const failing = rebuildIndex(harness.database, () => Promise.reject(new Error("no")))
    expect((await failing.catch((error) => error)).message).toBe("no")
    expect(harness.texts("times")).toEqual(["old times"])
    expect(readdirSync(dirname(harness.database)).filter((name) => name.includes(".new"))).toEqual([])
  })

  test("of two at once one makes it, and the other says so", async () => {
    const path = harness.write(prompts(harness.talk, ["old times"]))
    await harness.read(path)
    const second = await rebuildIndex(harness.database, async (index) => {
      await index.update(harness.source(path), readParts, silentProgress)
      return rebuildIndex(harness.database, async () => {}).catch((error) => error)
    })
    expect(second.result).toMatchObject({ code: "CANNOT_WRITE", hint: expect.stringContaining("try again") })
    expect(harness.texts("times")).toEqual(["old times"])
  })

  test("a reader that is open meanwhile goes on with the old one", async () => {
    await harness.read(harness.write(prompts(harness.talk, ["old times"])))
    const reader = new IndexReader(harness.database)
    await rebuildIndex(harness.database, async () => {})
    expect(reader.search("times", {}, 9).total).toBe(1)
    reader.close()
    expect(harness.texts("times")).toEqual([])
  })
})

const ready = able("6", "mounts", "mount", "umount")

test.skipIf(!ready)("a full disk leaves the index as it was, and it can still be asked", async () => {
  const disk: Mount = tmpfs("size=3m")
  try {
    const database = join(disk.folder, "session-rescue.db")
    const first = new IndexWriter(database, () => {})
    await first.update(
      harness.source(harness.write(prompts(harness.talk, ["safe and sound"]))),
      readParts,
      silentProgress,
    )
    first.close()
    const random = Array.from(
      { length: 30_000 },
      (_, n) => `word${(n * 7919) % 1_000_003} ${n ** 2 % 65_537}`,
    )
    const large = harness.write(prompts(harness.talk, random, 1), "large.jsonl")
    const writer = new IndexWriter(database, () => {})
    const work = async () => {
      await writer.update(harness.source(large), readParts, silentProgress)
      writer.commit()
    }
    expect(await work().catch((error) => error)).toMatchObject({ code: "DISK_FULL" })
    writer.close()
    const index = new IndexReader(database)
    expect(index.search("sound", {}, 9).hits.map(({ text }) => text)).toEqual(["safe and sound"])
    expect(index.stats()).toMatchObject({ parts: 1, sources: { present: 1 } })
    index.close()
    const again = new IndexWriter(database, () => {})
    const more = harness.write(prompts(harness.talk, ["room for this"], 50_000), "small.jsonl")
    expect(await again.update(harness.source(more), readParts, silentProgress)).toMatchObject({
      state: "new",
      parts: 1,
    })
    again.close()
  } finally {
    disk.dispose()
  }
})
