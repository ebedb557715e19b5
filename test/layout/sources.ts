/** The source as the layout tests read it: its files, and what imports what. */
import { readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"

export const root = join(import.meta.dir, "../..")

const filesIn = (pattern: string) => [...new Bun.Glob(pattern).scanSync({ cwd: root })].toSorted()

export const sources = filesIn("{src,plugins}/**/*.{ts,tsx}")
export const tests = filesIn("test/**/*.ts")

export const textOf = (file: string) => readFileSync(join(root, file), "utf8")

/** Without comments, which may mention anything. */
export const codeOf = (file: string) => textOf(file).replace(/\/\*.*?\*\/|(^|\s)\/\/[^\n]*/gs, "")

export interface Import {
  readonly from: string
  /** A path below the checkout, or a package. */
  readonly to: string
  readonly typeOnly: boolean
}

/** All imports of a file: static, re-exported and lazy. */
export function importsOf(file: string): Import[] {
  const text = textOf(file)
  const named = [...text.matchAll(/^(import|export)( type)?\s[^;]*?from "([^"]+)"/gm)]
  const bare = [...text.matchAll(/(?:\bimport\(|^import )"([^"]+)"/gm)]
  const place = (to: string) => (to.startsWith(".") ? relative(root, join(root, dirname(file), to)) : to)
  return [
    ...named.map(([, , type, to = ""]) => ({ from: file, to: place(to), typeOnly: type !== undefined })),
    ...bare.map(([, to = ""]) => ({ from: file, to: place(to), typeOnly: false })),
  ]
}

export const imports = sources.flatMap(importsOf)

export const describeImport = ({ from, to }: Import) => `${from} imports ${to}`

/** `src/LAYER/…`, or "plugins"; null for `src/main.ts` and packages. */
export const layerOf = (file: string) =>
  /^src\/([^/]+)\//.exec(file)?.[1] ?? (file.startsWith("plugins/") ? "plugins" : null)
