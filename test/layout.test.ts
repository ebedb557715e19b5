/** The rules that keep the house in order (docs: CONTRIBUTING.md), asserted over the source itself. */
import { describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { basename, dirname, join, relative } from "node:path"

const root = join(import.meta.dir, "..")
const sources = [...new Bun.Glob("{src,plugins}/**/*.ts").scanSync({ cwd: root })].toSorted()
const textOf = (file: string) => readFileSync(join(root, file), "utf8")
/** Without comments, which may speak of anything. */
const codeOf = (file: string) => textOf(file).replace(/\/\*.*?\*\/|(^|\s)\/\/[^\n]*/gs, "")

interface Import {
  readonly from: string
  /** What it names: a path below the checkout, or a package. */
  readonly to: string
  readonly typeOnly: boolean
}

/** All imports of a file: static, re-exported and lazy. */
function importsOf(file: string): Import[] {
  const text = textOf(file)
  const named = [...text.matchAll(/^(import|export)( type)?\s[^;]*?from "([^"]+)"/gm)]
  const bare = [...text.matchAll(/(?:\bimport\(|^import )"([^"]+)"/gm)]
  const place = (to: string) => (to.startsWith(".") ? relative(root, join(root, dirname(file), to)) : to)
  return [
    ...named.map(([, , type, to = ""]) => ({ from: file, to: place(to), typeOnly: type !== undefined })),
    ...bare.map(([, to = ""]) => ({ from: file, to: place(to), typeOnly: false })),
  ]
}

const imports = sources.flatMap(importsOf)
const layerOf = (file: string) =>
  /^src\/([^/]+)\//.exec(file)?.[1] ?? (file.startsWith("plugins/") ? "plugins" : null)
const say = ({ from, to }: Import) => `${from} imports ${to}`

test("every import is seen: the reader of imports itself is not blind", () => {
  expect(sources.length).toBeGreaterThan(70)
  expect(imports.filter(({ from }) => from === "src/commands/table.ts").length).toBeGreaterThan(3)
  expect(imports.filter(({ to }) => to.startsWith("src/")).length).toBeGreaterThan(150)
  for (const { to } of imports) if (/^(src|plugins)\//.test(to)) expect(sources).toContain(to)
})

describe("imports go one way", () => {
  const below: Record<string, readonly string[]> = {
    session: [],
    system: ["session"],
    rescue: ["session", "system"],
    index: ["session", "system"],
    pipeline: ["session", "system", "rescue", "index"],
    view: ["session"],
    commands: ["session", "system", "rescue", "pipeline", "view"],
  }

  test.each(Object.entries(below))(
    "src/%s imports only itself and %j, and types of nothing above",
    (layer, allowed) => {
      const wrong = imports.filter(({ from, to, typeOnly }) => {
        const other = layerOf(to)
        if (layerOf(from) !== layer || other === null || other === layer || allowed.includes(other))
          return false
        const typesForViews = layer === "view" && other === "pipeline" && typeOnly
        return !typesForViews && !(from === "src/pipeline/plugins.ts" && to === "plugins/index.generated.ts")
      })
      expect(wrong.map(say)).toEqual([])
    },
  )

  test("session/ does no input and no output, and asks for no clock", () => {
    for (const file of sources.filter((each) => layerOf(each) === "session")) {
      const packages = importsOf(file).filter(({ to }) => layerOf(to) !== "session")
      expect([file, packages.map(({ to }) => to).filter((to) => to !== "valibot")]).toEqual([file, []])
      expect([file, /\b(process\.|Bun\.|console\.|Date\.now|new Date\(\))/.test(codeOf(file))]).toEqual([
        file,
        false,
      ])
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
    expect(wrong.map(say)).toEqual([])
  })
})

test("a command asks the pipeline to act: of rescue/ it knows types only", () => {
  const wrong = imports.filter(
    ({ from, to, typeOnly }) => layerOf(from) === "commands" && layerOf(to) === "rescue" && !typeOnly,
  )
  expect(wrong.map(say)).toEqual([])
})

describe("effects have one door, src/system", () => {
  const effects =
    /\b(write|writeFile|appendFile|copyFile|cp|rename|unlink|rm|rmdir|mkdir|mkdtemp|link|symlink|truncate|ftruncate|chmod|fchmod|chown|lchown|utimes|futimes|lutimes)(Sync)?\(|\bprocess\.(kill|chdir|abort)\(|\bBun\.(write|spawn|spawnSync|serve|listen|connect)\(|\.kill\(|\bcreateWriteStream\(/
  const reaching = /^(node:)?(child_process|net|http|https|http2|tls|dgram|dns|inspector)$|^bun:ffi$/

  test("nothing else writes, renames, removes, starts or signals", () => {
    const wrong = sources
      .filter((file) => layerOf(file) !== "system" && !file.startsWith("plugins/generate-"))
      .flatMap((file) =>
        textOf(file)
          .split("\n")
          .map((line) => ({ file, line: line.trim() })),
      )
      .filter(({ line }) => effects.test(line))
      .filter(({ line }) => !line.includes("process.stderr.write(")) // progress on the terminal
    expect(wrong).toEqual([])
  })

  test("nothing else reaches the network, other programs or C functions", () => {
    const wrong = imports.filter(({ from, to }) => reaching.test(to) && layerOf(from) !== "system")
    expect(wrong.map(say)).toEqual([])
    const fetching = sources.filter((file) => /\bfetch\(|\bWebSocket\(/.test(textOf(file)))
    expect(fetching).toEqual([])
  })

  test("plugins have no files, programs, workers or clock of their own", () => {
    for (const file of sources.filter((each) => /^plugins\/[^/]+\//.test(each))) {
      const own =
        /\bBun\.|\bprocess\.(?!platform\b|pid\b|terminal\b|letter\b|startedAt\b|children\b|foreground\b|cpuMs\b)|\bDate\.now\(|\bperformance\.(?!now)|\bnew Worker\(|\beval\(|\brequire\(/
      const lines = codeOf(file)
        .split("\n")
        .filter((line) => own.test(line))
      expect([file, lines]).toEqual([file, []])
    }
  })
})

describe("files", () => {
  const lengths = sources
    .filter((file) => !file.endsWith(".generated.ts"))
    .map((file) => ({ file, lines: textOf(file).trimEnd().split("\n").length }))
    .toSorted((a, b) => a.lines - b.lines)
  const at = (share: number) => lengths[Math.floor(share * (lengths.length - 1))]?.lines

  test("are small: median 60 lines, nine of ten at most 200, none above 400", () => {
    expect(at(0.5)).toBeLessThanOrEqual(60)
    expect(at(0.9)).toBeLessThanOrEqual(200)
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([])
  })

  test("have names that say what is in them", () => {
    const vague = /(^|[-/])(utils?|helpers?|common|misc|managers?|shared|stuff|lib)([-.]|$)/
    expect(
      sources.filter((file) => vague.test(basename(file)) && !file.endsWith("shared-folders.ts")),
    ).toEqual([])
    expect(sources.filter((file) => !/^[a-z0-9./-]+$/.test(file))).toEqual([])
  })

  test("of tests are small too", () => {
    const tests = [...new Bun.Glob("test/**/*.ts").scanSync({ cwd: root })]
    expect(tests.filter((file) => textOf(file).split("\n").length > 400)).toEqual([])
  })
})

test("the list of built-in plugins is fresh", () => {
  const check = Bun.spawnSync([process.execPath, "run", "plugins/generate-index.ts", "--check"], {
    cwd: root,
  })
  expect([check.exitCode, check.stderr.toString()]).toEqual([0, ""])
})

test("the types that `plugin new` writes are those of the SDK", () => {
  const check = Bun.spawnSync([process.execPath, "run", "plugins/generate-sdk-types.ts", "--check"], {
    cwd: root,
  })
  expect([check.exitCode, check.stderr.toString()]).toEqual([0, ""])
})
