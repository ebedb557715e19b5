/** Imports go one way, between layers, folders and files (ARCHITECTURE.md). */
import { describe, expect, test } from "bun:test"
import { dirname } from "node:path"
import { describeImport, imports, importsOf, layerOf, sources } from "./sources.ts"

test("every import is seen: the reader of imports itself is not blind", () => {
  expect(sources.length).toBeGreaterThan(70)
  expect(imports.filter(({ from }) => from === "src/cli/commands.ts").length).toBeGreaterThan(3)
  expect(imports.filter(({ to }) => to.startsWith("src/")).length).toBeGreaterThan(150)
  for (const { to } of imports) if (/^(src|plugins)\//.test(to)) expect(sources).toContain(to)
})

describe("layers", () => {
  const scratch = ["domain", "system"]
  const host = [...scratch, "sdk", "rescue"]
  const below: Record<string, readonly string[]> = {
    domain: [],
    system: ["domain"],
    sdk: scratch,
    rescue: scratch,
    index: scratch,
    "plugin-host": host,
    pipeline: [...host, "index", "plugin-host"],
    operations: [...host, "index", "plugin-host", "pipeline"],
    view: ["domain"],
    page: ["domain", "view"],
    commands: [...scratch, "sdk", "pipeline", "operations", "view"],
    cli: [...scratch, "plugin-host", "pipeline", "operations", "view", "commands"],
  }

  test("there are no others", () => {
    const layers = new Set(sources.flatMap((file) => layerOf(file) ?? []))
    expect([...layers].filter((layer) => layer !== "plugins").toSorted()).toEqual(
      Object.keys(below).toSorted(),
    )
  })

  test.each(Object.entries(below))("src/%s imports only itself and %j", (layer, allowed) => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      const other = layerOf(to)
      if (layerOf(from) !== layer || other === null || other === layer || allowed.includes(other))
        return false
      const typesForViews = layer === "view" && ["sdk", "pipeline", "operations"].includes(other) && typeOnly
      const isList = from === "src/pipeline/plugin-registry.ts" && to === "plugins/index.generated.ts"
      return !typesForViews && !isList
    })
    expect(wrong.map(describeImport)).toEqual([])
  })

  test("domain/ does no input and no output, and asks for no clock", () => {
    for (const file of sources.filter((each) => layerOf(each) === "domain")) {
      const packages = importsOf(file).filter(({ to }) => layerOf(to) !== "domain")
      expect([file, packages.map(({ to }) => to).filter((to) => to !== "valibot")]).toEqual([file, []])
    }
  })

  test('plugins import only "session-rescue", their own folder and packages', () => {
    const ours = imports.filter(({ from }) => /^plugins\/[^/]+\//.test(from))
    const wrong = ours.filter(({ from, to }) => {
      const own = from.split("/").slice(0, 3).join("/")
      return (
        to !== "session-rescue" &&
        !to.startsWith(`${own}/`) &&
        (/^(src|plugins|node:|bun)/.test(to) || to.startsWith("."))
      )
    })
    expect(wrong.map(describeImport)).toEqual([])
  })
})

describe("no cycle, types included", () => {
  const inside = imports.filter(({ to }) => /^(src|plugins)\//.test(to))

  test("between files", () => {
    expect(cyclesIn(inside.map(({ from, to }) => [from, to]))).toEqual([])
  })

  test("between folders", () => {
    const edges = inside.map(({ from, to }) => [dirname(from), dirname(to)] as const)
    expect(cyclesIn(edges.filter(([from, to]) => from !== to))).toEqual([])
  })

  test("one that is there is found, however long it is", () => {
    const edges = [
      ["a", "b"],
      ["b", "c"],
      ["c", "a"],
      ["c", "d"],
    ] as const
    expect(cyclesIn(edges)).toEqual([["a", "b", "c"]])
    expect(cyclesIn(edges.slice(1))).toEqual([])
  })
})

/** What is in a cycle, one list for each set of nodes that reach each other. */
function cyclesIn(edges: readonly (readonly [string, string])[]): string[][] {
  const next = Map.groupBy(edges, ([from]) => from)
  const reachable = new Map<string, ReadonlySet<string>>()
  for (const start of next.keys()) {
    const seen = new Set<string>()
    const queue = [start]
    for (let node = queue.pop(); node !== undefined; node = queue.pop())
      for (const [, to] of next.get(node) ?? []) if (!seen.has(to)) queue.push(to) && seen.add(to)
    reachable.set(start, seen)
  }
  const inCycle = [...reachable].filter(([node, seen]) => seen.has(node)).map(([node]) => node)
  const groups = Map.groupBy(inCycle, (node) =>
    inCycle.find((other) => reachable.get(node)?.has(other) && reachable.get(other)?.has(node)),
  )
  return [...groups.values()].map((group) => group.toSorted())
}
