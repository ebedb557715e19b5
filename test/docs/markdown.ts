/** The Markdown files of the project: their text, code blocks and links. */
import { readFileSync } from "node:fs"
import { join } from "node:path"

export const root = join(import.meta.dir, "../..")

export const pages = ["*.md", "docs/**/*.md", ".github/**/*.md", "{test,changelog}/**/*.md"]
  .flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: root, dot: true })])
  .filter((page) => !page.includes("node_modules/"))
  .toSorted()

export const textOf = (page: string) => readFileSync(join(root, page), "utf8")

const blocks = /^```(\w*)[^\n]*\n([\s\S]*?)^```/gm

/** Lines of the `sh` blocks, without their comments. */
export const shellLines = (page: string) =>
  [...textOf(page).matchAll(blocks)]
    .filter(([, language]) => language === "sh")
    .flatMap(([, , text = ""]) => text.split("\n"))
    .flatMap((line) => line.replace(/(^|\s+)#.*$/, "").trim() || [])

/** Without code, in which nothing is a link or a heading. */
const prose = (page: string) =>
  textOf(page)
    .replace(blocks, "")
    .replace(/`[^`\n]*`/g, "")

export const links = (page: string) =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target)

/** Headings as GitHub names them in a link. */
export const anchors = (page: string) =>
  [
    ...textOf(page)
      .replace(blocks, "")
      .matchAll(/^#+ (.+)$/gm),
  ].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  )
