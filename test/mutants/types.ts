/** Type-checks the source with one file changed, without writing it: a removal that is no program proves nothing. */
import { join } from "node:path"
import ts from "typescript"
import { checkout } from "./copy.ts"
import { type Mutant, without } from "./mutants.ts"

const options = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(join(checkout, "tsconfig.json"), ts.sys.readFile)
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, checkout).options
  // what only the step used is unused without it
  return { ...parsed, noUnusedLocals: false, noUnusedParameters: false }
}

/** Answers with what is wrong, empty when nothing is. Unchanged files are parsed once for all. */
export function typeChecker(): (mutant: Mutant) => string[] {
  const settings = options()
  const host = ts.createCompilerHost(settings)
  const read = host.getSourceFile.bind(host)
  const parsed = new Map<string, ts.SourceFile | undefined>()
  const workers = ["src/rescue/io/hash-worker.ts", "src/pipeline/indexing/parse-worker.ts"]
  const roots = ["src/main.ts", ...workers].map((file) => join(checkout, file))
  let last: ts.Program | undefined
  return (mutant) => {
    const changed = join(checkout, mutant.file)
    host.getSourceFile = (name, version, ...more) => {
      if (name === changed)
        return ts.createSourceFile(name, without(mutant, ts.sys.readFile(name) ?? ""), version, true)
      if (!parsed.has(name)) parsed.set(name, read(name, version, ...more))
      return parsed.get(name)
    }
    last = ts.createProgram({ rootNames: roots, options: settings, host, ...(last && { oldProgram: last }) })
    const found = last
      .getSourceFiles()
      .filter(({ fileName }) =>
        ["src/", "plugins/"].some((folder) => fileName.startsWith(join(checkout, folder))),
      )
    if (!found.some(({ fileName }) => fileName === changed))
      return [`${mutant.file} is not part of the program`]
    return found
      .flatMap((file) => last?.getSemanticDiagnostics(file) ?? [])
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))
  }
}
