import { copyFileSync, mkdirSync, readFileSync, renameSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { writeMessages } from "../../fixtures/talk/messages.ts"
import { Chromium } from "../../serve/browser/chromium.ts"
import { Serving } from "../../serve/serving.ts"
import { type Baseline, type Bench, compare, type Row, type Scale } from "../bench.ts"
import { binary, formatBytes, type Home, newHome } from "../homes.ts"
import type { Timing } from "../measure.ts"

/** Reading: the page with a session as long as they get, search while one types, and files. */
export const page: Bench = {
  name: "page",
  async run(scale) {
    return [...(await rendering(scale)), ...(await reading(scale))]
  },
}

const renderers = resolve(import.meta.dir, "../../../.cache/renderers/bin")

/** A transcript of 8 MB as HTML, by this program and by the others that can be had. */
async function rendering(scale: Scale): Promise<Row[]> {
  const place = newHome("render")
  const project = join(place.home, "project")
  mkdirSync(project)
  const { path, id, bytes } = oneSession(place, scale.count(9000), project)
  const env = { HOME: place.home }
  const task = {
    command: [
      "sh",
      "-c",
      '"$1" show "$2" --format html --data-dir "$3" >"$4"',
      "sh",
      binary,
      id,
      place.data,
      place.copy,
    ],
    env,
  }
  const others = join(place.home, "others")
  const asTheyFile = join(others, ".claude/projects", project.replaceAll("/", "-"))
  mkdirSync(asTheyFile, { recursive: true })
  copyFileSync(path, join(asTheyFile, `${id}.jsonl`))
  const other = (program: string, ...args: string[]): Baseline => {
    const command = join(renderers, program)
    return {
      name: program,
      task:
        Bun.which(command) === null
          ? "NOT INSTALLED"
          : { command: [command, ...args], env: { HOME: others } },
      means: "as fast",
      wanted: 1,
    }
  }
  const rows = await compare(
    `${formatBytes(bytes)} as HTML`,
    task,
    [
      other("claude-notes", "show", project, "--format", "html", "--output", join(place.home, "notes.html")),
      other("claude-code-log", path, "-o", join(place.home, "log.html")),
      other("claude-code-transcripts", "json", path, "-o", join(place.home, "transcripts")),
    ],
    scale.rounds(5),
  )
  place.remove()
  return rows
}

/** A session of that many messages, filed under a folder. */
function oneSession(place: Home, messages: number, cwd: string) {
  const { paths, bytes } = writeMessages(place.client, { seed: 5, messages, perSession: messages })
  const [path = ""] = paths
  const moved = join(
    place.client,
    "projects",
    cwd.replace(/[^A-Za-z0-9]/g, "-"),
    path.slice(path.lastIndexOf("/") + 1),
  )
  mkdirSync(dirname(moved), { recursive: true })
  renameSync(path, moved)
  return { path: moved, id: moved.slice(moved.lastIndexOf("/") + 1, -".jsonl".length), bytes }
}

/** As promised: what is first seen of 100,000 messages within 1 s, their end within 0.3 s, in a server of 100 MB. */
const firstMs = 1000
const endMs = 300
/** Quicker than one types the next letter. */
const searchMs = 100

async function reading(scale: Scale): Promise<Row[]> {
  const place = newHome("page")
  const count = scale.count(100_000)
  const { id } = oneSession(place, count, "/work/shop")
  const env = { HOME: place.home, SESSION_RESCUE_DATA: place.data }
  Bun.spawnSync([binary, "cx", "--live"], { env: { ...process.env, ...env } })
  const server = await Serving.in(place.home, env)
  const what = `${count.toLocaleString("en")} messages on the page`
  try {
    const key = (await server.enter()) ?? ""
    const seen =
      Bun.which("chromium") === null
        ? null
        : await lookAt(server.origin, key, place.home, id, scale.rounds(5))
    const search = await typing(server, key, scale.rounds(5))
    const memory = highWater(server.pid)
    const row = (name: string, timing: Timing | null, promised: number): Row => ({
      what: `${what}: ${name}`,
      ours: timing ?? { best: promised, median: promised },
      against: `${promised} ms`,
      theirs: { best: promised, median: promised },
      ratio: timing === null ? null : timing.best / promised,
      means: "as long",
      wanted: 1,
      skipped: timing === null ? "NO CHROMIUM" : null,
      memory,
      wantedMemory: 100e6,
    })
    return [
      row("the first screen", seen?.first ?? null, firstMs),
      row("the end", seen?.end ?? null, endMs),
      row("a search, letter by letter", search, searchMs),
    ]
  } finally {
    await server.stop()
    place.remove()
  }
}

/** How long a person waits for the first messages, and for the last ones after pressing G. */
async function lookAt(origin: string, key: string, folder: string, id: string, rounds: number) {
  const browser = await Chromium.open(folder)
  try {
    await browser.look({ width: 1280, height: 800, dark: false })
    await browser.go(origin)
    await browser.shows(`document.body.innerText.includes("This link was used")`)
    await browser.value(`sessionStorage.setItem("session-rescue-key", "${key}"); location.reload()`)
    await browser.shows(`document.querySelectorAll('a[href^="#/session/"]').length > 0`)
    const painted = (change: string, shown: string) =>
      browser.value(`new Promise((done) => {
        const from = performance.now()
        ${change}
        const look = () => (${shown}) ? requestAnimationFrame(() => done(performance.now() - from)) : requestAnimationFrame(look)
        look()
      })`)
    const first: number[] = []
    const end: number[] = []
    for (let round = -1; round < rounds; round++) {
      await browser.value(`location.hash = "#/sessions"`)
      await browser.shows(`document.querySelector("h1")?.innerText === "Sessions"`)
      const opened = await painted(
        `location.hash = "#/session/${id}"`,
        `document.querySelector("article") !== null`,
      )
      const jumped = await painted(
        `dispatchEvent(new KeyboardEvent("keydown", { key: "G" }))`,
        `document.querySelector(".blocks")?.lastElementChild?.querySelector("article") && innerHeight + scrollY >= document.documentElement.scrollHeight - 2`,
      )
      if (round < 0) continue // the browser's first
      first.push(Number(opened))
      end.push(Number(jumped))
    }
    return { first: timing(first), end: timing(end) }
  } finally {
    await browser.close()
  }
}

/** The slowest of the letters of each word counts. */
async function typing(server: Serving, key: string, rounds: number): Promise<Timing> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    let slowest = 0
    for (const text of ["b", "ba", "bac", "bace", "bace d", "bace di", "the", "the ba"]) {
      const from = performance.now()
      const answer = await server.get(`/api/search?q=${encodeURIComponent(text)}`, key)
      await answer.text()
      if (!answer.ok) throw new Error(`${text}: ${answer.status}`)
      slowest = Math.max(slowest, performance.now() - from)
    }
    times.push(slowest)
  }
  return timing(times)
}

function timing(times: readonly number[]): Timing {
  const sorted = times.toSorted((a, b) => a - b)
  return { best: sorted[0] ?? Number.NaN, median: sorted[sorted.length >> 1] ?? Number.NaN }
}

function highWater(pid: number): number | null {
  const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]
  return found === undefined ? null : Number(found) * 1024
}
