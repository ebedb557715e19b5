/** What the Markdown files name exists: paths, links, headings, commands and flags. */
import { describe, expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { commands } from "../../src/cli/commands.ts"
import { parseArguments } from "../../src/cli/parse.ts"
import { route } from "../../src/cli/route.ts"
import { textOf as sourceOf, sources } from "../layout/sources.ts"
import { anchors, links, pages, root, shellLines, textOf } from "./markdown.ts"

/** Paths of the checkout; a path with a placeholder (`<stage>`, `NAME`, `*`) is not one. */
const path =
  /(?<![\w./~<>-])(?:(?:src|plugins|test|docs|build|man|changelog|\.github|\.ci)\/[\w./@-]*[\w/](?![\w<>*{-])|[A-Z]{5,}\.md)/g
const placeholder = /\b(NAME|FILE|X\.Y\.Z)\b/

test("the pages are found", () => {
  expect(pages).toContain("README.md")
  expect(pages).toContain("docs/states.md")
  expect(textOf("README.md").match(path)?.length ?? 0).toBeGreaterThan(10)
})

test.each(pages)("every path that %s names exists", (page) => {
  const named = [...ownText(page).matchAll(path)]
    .map(([found]) => found)
    .filter((found) => !placeholder.test(found))
  expect([...new Set(named)].filter((found) => !isThere(page, found))).toEqual([])
})

/** In the pages for plugin authors, `plugins/` is the user's own folder. */
const ownText = (page: string) =>
  page.startsWith("docs/plugin") ? textOf(page).replace(/(?<![\w/])plugins\//g, "…/") : textOf(page)

/** A path counts from the root or, in a README of a folder, from there. */
const isThere = (page: string, found: string) =>
  existsSync(join(root, found)) || existsSync(join(root, dirname(page), found))

test.each(pages.filter((page) => page.startsWith("test/")))(
  "every test file that %s names exists",
  (page) => {
    const named = [...textOf(page).matchAll(/`((?:[\w-]+\/|\.\.\/)*[\w-]+(?:\.test)?\.ts)`/g)].map(
      ([, file = ""]) => file,
    )
    const folder = join(root, dirname(page))
    const below = new Set(new Bun.Glob("**/*.ts").scanSync({ cwd: folder }))
    const missing = named.filter(
      (file) => !isThere(page, file) && ![...below].some((each) => each.endsWith(`/${file}`)),
    )
    expect(missing).toEqual([])
  },
)

test.each(pages)("every link of %s leads somewhere", (page) => {
  const inside = links(page).filter((target) => !/^[a-z]+:/.test(target))
  const broken = inside.filter((target) => {
    const [file = "", anchor] = target.split("#")
    const to = file === "" ? page : relative(root, join(root, dirname(page), file))
    if (!existsSync(join(root, to))) return true
    return anchor !== undefined && !anchors(to).includes(anchor)
  })
  expect(broken).toEqual([])
})

describe("commands", () => {
  const typed = pages.flatMap((page) =>
    shellLines(page).flatMap((line) =>
      [...line.matchAll(/(?:^|[|;&(] *)session-rescue( [^|;&)]*)?/g)].map(([found]) => ({
        page,
        line: found.replace(/^[^s]*/, "").trim(),
      })),
    ),
  )

  test("are found in the pages", () => {
    expect(typed.length).toBeGreaterThan(60)
  })

  test("that a page shows are accepted with their flags", async () => {
    const refused: string[] = []
    for (const { page, line } of typed) {
      const problem = await reasonNotAccepted(line)
      if (problem !== null) refused.push(`${page}: ${line}: ${problem}`)
    }
    expect(refused).toEqual([])
  })

  test("all of them are in the README's table", () => {
    const table = textOf("README.md")
      .split("\n")
      .filter((line) => line.startsWith("| "))
    const missing = Object.keys(commands).filter(
      (name) => !table.some((line) => new RegExp(`\`(session-rescue )?(--)?${name}\\b`).test(line)),
    )
    expect(missing).toEqual([])
  })
})

test("each message in docs/troubleshooting.md is one that the program prints", () => {
  const source = sources.map(sourceOf).join("\n").toLowerCase()
  const said = textOf("docs/troubleshooting.md")
    .split("\n")
    .filter((line) => /^\| (?!it says|---|\*)/.test(line))
    .flatMap((line) => line.slice(2).split(" | ")[0]?.split(" … ") ?? [])
  expect(said.length).toBeGreaterThan(10)
  expect(said.filter((text) => !source.includes(text.toLowerCase()))).toEqual([])
})

test("the README is a door: at most 150 lines", () => {
  expect(textOf("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(150)
})

async function reasonNotAccepted(line: string): Promise<string | null> {
  const argv = (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [])
    .slice(1)
    .map((word) => word.replace(/^(["'])(.*)\1$/, "$2"))
  try {
    const to = route(argv)
    if (to.to !== "command") return null
    const load = commands[to.command]
    if (load === undefined) return "no such command"
    const { default: command } = await load()
    parseArguments(to.command, command.args, to.rest, command.dashWords)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
