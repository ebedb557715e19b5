/** Effects have one door, src/system; plugins have none. */
import { expect, test } from "bun:test"
import { codeOf, describeImport, imports, layerOf, sources, textOf } from "./sources.ts"

const effects =
  /\b(write|writeFile|appendFile|copyFile|cp|rename|unlink|rm|rmdir|mkdir|mkdtemp|link|symlink|truncate|ftruncate|chmod|fchmod|chown|lchown|utimes|futimes|lutimes)(Sync)?\(|\bprocess\.(kill|chdir|abort)\(|\bBun\.(write|spawn|spawnSync|serve|listen|connect)\(|\.kill\(|\bcreateWriteStream\(/
const reaching = /^(node:)?(child_process|net|http|https|http2|tls|dgram|dns|inspector)$|^bun:ffi$/

test("nothing else writes, renames, removes, starts or signals", () => {
  const wrong = sources
    .filter((file) => layerOf(file) !== "system")
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
  expect(wrong.map(describeImport)).toEqual([])
  const fetching = sources
    .filter((file) => layerOf(file) !== "page" /* runs in a browser */)
    .filter((file) => /\bfetch\(|\bWebSocket\(/.test(textOf(file)))
  expect(fetching).toEqual(["src/system/net/request.ts"])
})

test("domain/ asks for no process and no clock", () => {
  const asking = /\b(process\.|Bun\.|console\.|Date\.now|new Date\(\))/
  expect(sources.filter((file) => layerOf(file) === "domain" && asking.test(codeOf(file)))).toEqual([])
})

test("plugins have no files, programs, workers or clock of their own", () => {
  const own =
    /\bBun\.|\bprocess\.(?!platform\b|pid\b|terminal\b|letter\b|startedAt\b|children\b|foreground\b|cpuMs\b)|\bDate\.now\(|\bperformance\.(?!now)|\bnew Worker\(|\beval\(|\brequire\(/
  for (const file of sources.filter((each) => /^plugins\/[^/]+\//.test(each))) {
    const lines = codeOf(file)
      .split("\n")
      .filter((line) => own.test(line))
    expect([file, lines]).toEqual([file, []])
  }
})
