/** Rooms are small, files are one idea, and a name means one thing. */
import { expect, test } from "bun:test"
import { basename, dirname } from "node:path"
import ts from "typescript"
import { root, sources, tests, textOf } from "./sources.ts"

const written = sources.filter((file) => !file.endsWith(".generated.ts"))
const linesOf = (file: string) => textOf(file).trimEnd().split("\n").length

test("a folder has at most 15 source files", () => {
  const folders = Map.groupBy([...written, ...tests], dirname)
  const full = [...folders].filter(([, files]) => files.length > 15)
  expect(full.map(([folder, files]) => [folder, files.length])).toEqual([])
})

test("a file has at most 250 lines, a test at most 400", () => {
  expect(written.map((file) => [file, linesOf(file)] as const).filter(([, lines]) => lines > 250)).toEqual([])
  expect(tests.map((file) => [file, linesOf(file)] as const).filter(([, lines]) => lines > 400)).toEqual([])
})

test("a function has at most 60 lines", () => {
  expect(written.flatMap(functionsIn).filter(({ lines }) => lines > 60)).toEqual([])
})

function functionsIn(file: string): { at: string; lines: number }[] {
  const source = ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true)
  const found: { at: string; lines: number }[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const [first, last] = [node.getStart(), node.end].map(
        (position) => source.getLineAndCharacterOfPosition(position).line,
      ) as [number, number]
      found.push({ at: `${file}:${first + 1}`, lines: last - first + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

test("names say what is in a file", () => {
  const vague = /(^|[-/])(utils?|helpers?|common|misc|managers?|shared|stuff|lib)([-.]|$)/
  const allowed = /(shared-folders|shared-index|shared-delay)\.ts$/
  expect(sources.filter((file) => vague.test(basename(file)) && !allowed.test(file))).toEqual([])
  expect(sources.filter((file) => !/^[a-z0-9./-]+$/.test(file))).toEqual([])
})

test("no name is exported by two modules of src", () => {
  const exported = written
    .filter((file) => file.startsWith("src/"))
    .flatMap((file) =>
      [
        ...textOf(file).matchAll(
          /^export (?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type) (\w+)/gm,
        ),
      ].map(([, name = ""]) => ({ name, file })),
    )
  const twice = [...Map.groupBy(exported, ({ name }) => name)]
    .map(([name, all]) => [name, ...new Set(all.map(({ file }) => file))]) // overloads are one
    .filter(({ length }) => length > 2)
  expect(twice).toEqual([])
})

test.each(["generate-plugin-index.ts", "generate-sdk-types.ts"])(
  "what build/%s writes is fresh",
  (generator) => {
    const check = Bun.spawnSync([process.execPath, "run", `build/${generator}`, "--check"], { cwd: root })
    expect([check.exitCode, check.stderr.toString()]).toEqual([0, ""])
  },
)
