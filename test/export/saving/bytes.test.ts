import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, readFileSync, truncateSync } from "node:fs"
import { Machine } from "../../fixtures/machine.ts"
import { conversation, record, sessionId, user } from "../../fixtures/talk/conversation.ts"
import { brokenGuarantees, committed, leftovers, notPrivate } from "../export-invariants.ts"

const id = sessionId(1)
const talk = { id, cwd: "/work/one", at: new Date(Date.now() - 60_000) }
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const whole = conversation(talk)
const strange: [string, Uint8Array][] = [
  ["nothing in it", Buffer.alloc(0)],
  ["a torn last line", Buffer.from(whole.slice(0, -30))],
  [
    "NULs in the middle and at its end",
    Buffer.concat([Buffer.from(whole), Buffer.alloc(5000), Buffer.from(whole), Buffer.alloc(70)]),
  ],
  ["a line of 12 MB", Buffer.from(whole + record(talk, 3, user("x".repeat(12 << 20))))],
  ["unknown record types", Buffer.from(`${whole}{"type":"from-the-future","n":1}\n[1]\nnull\n"x"\n`)],
  ["bytes that are no text", Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7919) % 256))],
  ["line ends of another system", Buffer.from(whole.replaceAll("\n", "\r\n"))],
]

test.each(strange)("a transcript with %s is saved byte for byte", async (_, bytes) => {
  const transcript = machine.transcript(id, { text: bytes })
  const { code, json } = await machine.run(["export", id, "--json"])
  expect([code, json.exports[0].status, json.exports[0].bytes]).toEqual([0, "verified", bytes.length])
  const [base] = committed(machine)
  expect(readFileSync(`${base}.jsonl`).equals(readFileSync(transcript))).toBe(true)
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
})

test("a transcript of 64 MB, hashed in a thread of its own, has the checksum sha256sum sees", async () => {
  const line = record(talk, 3, user("y".repeat(100_000)))
  const transcript = machine.transcript(id, {
    text: whole + line.repeat(Math.ceil((64 << 20) / line.length)),
  })
  const { json } = await machine.run(["export", id, "--md5", "--json"])
  const sums = (path: string) =>
    ["sha256sum", "md5sum"].map((sum) => Bun.spawnSync([sum, path]).stdout.toString().split(" ")[0])
  expect([json.exports[0].sha256, json.exports[0].md5]).toEqual(sums(transcript))
  expect(sums(json.exports[0].path)).toEqual(sums(transcript))
}, 60_000)

test("a transcript of 300 MB with a hole in it is saved byte for byte", async () => {
  const transcript = machine.transcript(id)
  truncateSync(transcript, 300 << 20)
  appendFileSync(transcript, whole)
  const { json } = await machine.run(["export", id, "--json"])
  expect(json.exports[0]).toMatchObject({ status: "verified", bytes: (300 << 20) + whole.length })
  expect(Bun.spawnSync(["cmp", transcript, json.exports[0].path]).exitCode).toBe(0)
}, 60_000)

test("a transcript that a client writes to all the time is saved as an exact prefix", async () => {
  const transcript = machine.transcript(id)
  const line = record(talk, 4, user("z".repeat(2000)))
  const script = `while true; do cat "$2" >> "$1"; done`
  machine.write(`${machine.root}/line`, line)
  const writer = machine.start(["sh", "-c", script, "sh", transcript, `${machine.root}/line`])
  const lengths: number[] = []
  for (let round = 0; round < 4; round++) {
    const { json } = await machine.run(["export", id, "--json"])
    expect(json.exports[0].status).toBe("verified")
    lengths.push(json.exports[0].bytes)
  }
  await writer.end()
  expect(brokenGuarantees(machine)).toEqual([])
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
}, 60_000)

test.each(["000", "077"])("with umask %s every file is 0600 and every folder 0700", async (umask) => {
  const transcript = machine.transcript(id)
  machine.write(`${transcript.slice(0, -6)}/subagents/agent-1.jsonl`, "{}\n")
  const program = ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"]
  expect((await machine.run(["export", id], { program })).code).toBe(0)
  expect(notPrivate(machine.data)).toEqual([])
})

test.each([
  ["a newline", Buffer.from("a\nb")],
  ["an escape sequence", Buffer.from("\u001b[31mred")],
  ["a leading dash", Buffer.from("-rf")],
  ["255 bytes", Buffer.from("n".repeat(255))],
  ["bytes that are not UTF-8", Buffer.from("caf\xe9", "latin1")],
])("a file whose name has %s is saved, and its name can be read from the manifest", async (_, name) => {
  const transcript = machine.transcript(id)
  const folder = machine.write(`${transcript.slice(0, -6)}/tool-results/x`, "x").slice(0, -1)
  const path = Buffer.concat([Buffer.from(folder), name])
  await Bun.write(`${machine.root}/content`, "content")
  Bun.spawnSync([
    "sh",
    "-c",
    'cp "$1" "$2$(cat "$3")"',
    "sh",
    `${machine.root}/content`,
    folder,
    machine.write(`${machine.root}/name`, name),
  ])
  const { json } = await machine.run(["export", id, "--json"])
  expect(json.exports[0]).toMatchObject({ status: "verified", files: 3 })
  const { files } = JSON.parse(readFileSync(json.exports[0].manifest, "utf8"))
  const names = files.map((file: { source: string; sourceBase64?: string }) =>
    file.sourceBase64 === undefined
      ? file.source
      : Buffer.from(file.sourceBase64, "base64").toString("latin1"),
  )
  expect(names).toContain(path.toString(name.includes(0xe9) ? "latin1" : "utf8"))
  const sums = Bun.spawnSync(
    ["sh", "-c", "jq -r '.files[]|.sha256+\"  \"+.path' *.manifest.json | sha256sum -c --strict"],
    {
      cwd: json.exports[0].path.slice(0, json.exports[0].path.lastIndexOf("/")),
    },
  )
  expect(sums.stdout.toString().match(/: OK$/gm)).toHaveLength(3)
  expect((await machine.run(["export", id, "--json"])).json.exports[0].status).toBe("unchanged")
})
