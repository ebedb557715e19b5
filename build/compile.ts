import { join } from "node:path"
import manifest from "../package.json"
import { buildPage } from "./page.ts"

export const program = "session-rescue"
export const root = join(import.meta.dir, "..")
export const { version } = manifest
export const pinnedBun = manifest.devDependencies.bun

/** Compiles the program to `outfile`: for this machine, or with another machine's runtime. Throws what Bun says. */
export async function compile(
  outfile: string,
  other?: { target: Bun.Build.CompileTarget; runtime: string },
): Promise<void> {
  const page = await buildPage()
  await Bun.build({
    // A worker is a program of its own; the other entries put them into the binary.
    entrypoints: [
      "src/main.ts",
      "src/rescue/io/hash-worker.ts",
      "src/pipeline/indexing/parse-worker.ts",
      "src/commands/serve/search-worker.ts",
    ].map((entry) => join(root, entry)),
    // All code ends up in one flat folder inside the binary, and the entries have to lie there too: only so
    // does `new URL("./hash-worker.ts", import.meta.url)` mean the same from source and compiled.
    naming: { entry: "[name].[ext]" },
    target: "bun",
    format: "esm",
    minify: true,
    bytecode: true,
    splitting: true,
    sourcemap: "linked",
    define: {
      "process.env.NODE_ENV": '"production"',
      SESSION_RESCUE_VERSION: JSON.stringify(version),
      SESSION_RESCUE_PAGE: JSON.stringify(page),
    },
    compile: {
      outfile,
      ...(other ? { target: other.target, executablePath: other.runtime } : {}),
      // Otherwise the binary would read .env and run a preload from whatever folder it is started in.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  })
}
