/**
 * `npm run demo`: records the live list with sessions of the real client, as an asciinema cast and as a picture, both in
 * docs/demo/. The sessions are made for it in a throw-away home.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { binary } from "../harness/binary.ts"
import { installClient } from "../harness/install-client.ts"
import { selected } from "../harness/selected.ts"
import { openDemo } from "./stage.ts"
import { screenToSvg } from "./svg.ts"

const [columns, rows] = [104, 28]
const folder = join(import.meta.dir, "../../../docs/demo")
const frameMs = 100

const newest = selected[0]
const executable = newest === undefined ? null : await installClient(newest)
if (executable === null) {
  console.error("no client to record: it is installed from the npm registry")
  process.exit(1)
}
/**
 * What is of the stage and not of a session: the throw-away home's folder, the model's script in a prompt, the title that
 * the stand-in for the model gives. The columns stay where they are.
 */
function tidied(screen: string): string {
  return screen
    .replace(
      /(?:…|\/)[\w./-]*rescue-\w+\/(\S*)/g,
      (found, rest) => `~/${rest}${blank(found, rest.length + 2)}`,
    )
    .replace(/ ?@@\w+(?: \w+)?(?: \{[^}\s]*(?: [^}\s]+)*\}?)?/g, (found) => blank(found, 0))
    .replace('{"title":"mock title"}', "go through the issues ")
}

/** Blanks in the place of what was taken out, so many fewer. */
function blank(found: string, fewer: number): string {
  return " ".repeat(Math.max(0, found.length - fewer))
}

const { scratch } = await openDemo(executable)
const frames: [seconds: number, text: string][] = []
try {
  const terminal = await scratch.terminal("me")
  terminal.resize(columns, rows)
  const shown = () => tidied(terminal.styled())
  const began = performance.now()
  const timer = setInterval(() => {
    const text = shown()
    if (frames.at(-1)?.[1] !== text) frames.push([(performance.now() - began) / 1000, text])
  }, frameMs)
  await terminal.line(`clear; '${binary}' menu --data-dir ${scratch.data}`)
  await terminal.shows("e export")
  await Bun.sleep(4_000)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "list.svg"), screenToSvg(shown(), columns))
  for (const [key, shows] of [
    ["Down", /❯ .*crashed/],
    ["e", "saved and verified"],
    ["/", "filter:"],
  ] as const) {
    terminal.keys(key)
    await terminal.shows(shows)
    await Bun.sleep(1_500)
  }
  for (const letter of "login") {
    terminal.keys(letter)
    await Bun.sleep(150)
  }
  for (const [key, shows] of [
    ["Enter", "e export"],
    ["Enter", "To type"],
    ["Escape", "e export"],
    ["Escape", "e export"],
    ["q", "Exited"],
  ] as const) {
    terminal.keys(key)
    await terminal.shows(shows)
    await Bun.sleep(1_500)
  }
  clearInterval(timer)
  const head = { version: 2, width: columns, height: rows, title: "session-rescue" }
  const events = frames.map(([at, text]) => [at, "o", `\u001b[H\u001b[2J${text.replaceAll("\n", "\r\n")}`])
  writeFileSync(
    join(folder, "list.cast"),
    [head, ...events].map((each) => `${JSON.stringify(each)}\n`).join(""),
  )
  console.log(`${frames.length} frames in ${folder}`)
} finally {
  await scratch.close()
}
process.exit(0)
